using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;

namespace Fetcher.Core.Modes;

/// <summary>One loop of a run: how it polls, how its transfers wait, and what makes the stream of a connected socket, if not the usual one.</summary>
internal sealed record LoopPlan(EventLoop Loop, Waits Waits, Func<LoopSocket, SocketStream>? OpenStream = null)
{
    /// <summary>Whether some transfers wait on the loop while its thread stands in the blocking call of another.</summary>
    public bool StandsStill => Waits.Request == Loop && Waits.Body != Loop;
}

/// <summary>What of a run is one loop's.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Loops">How many loops there are.</param>
/// <param name="Slots">Its transfers at once.</param>
/// <param name="Kept">Connections it keeps for later requests.</param>
/// <param name="Crowd">Its idle connections beside the work.</param>
internal readonly record struct LoopShare(int Number, int Loops, int Slots, int Kept, int Crowd);

/// <summary>Runs a job on one or several loops, each on a thread of its own, all taking from the same list.</summary>
internal static class LoopRunner
{
    /// <summary>Connections kept over all loops, unless there are more transfers, and by the loop that keeps the fewest.</summary>
    private const int MostIdle = 64, FewestIdle = 8;

    /// <summary>Starts the loops and waits for them all.</summary>
    /// <param name="mode">Whose name the results carry.</param>
    /// <param name="job">What to fetch.</param>
    /// <param name="loops">How many loops.</param>
    /// <param name="slots">How many transfers at once, over all loops; each loop gets its share.</param>
    /// <param name="plan">Makes the loop of a number, on the loop's own thread.</param>
    public static Task RunAsync(IMode mode, FetchJob job, int loops, int slots, Func<int, LoopPlan> plan)
    {
        loops = Math.Min(loops, slots);
        var kept = Math.Max(FewestIdle, Math.Max(MostIdle, job.Options.Concurrency) / loops);
        return Task.WhenAll(Enumerable.Range(0, loops).Select(number =>
        {
            var share = new LoopShare(number, loops, Share(slots, loops, number), kept, Share(job.Crowd?.Count ?? 0, loops, number));
            return RunOnThreadAsync($"{mode.Name} {number}", () => RunLoop(mode, job, share, plan));
        }));
    }

    private static int Share(int slots, int loops, int number) => (slots / loops) + (number < slots % loops ? 1 : 0);

    private static void RunLoop(IMode mode, FetchJob job, LoopShare share, Func<int, LoopPlan> plan)
    {
        var planned = plan(share.Number);
        var (loop, waits, openStream) = planned;
        using (loop)
        using (loop.Observer = job.Options.Stalls ? new LoopObserver(share.Number, share.Loops, job.Clock, planned.StandsStill) : null)
        {
            using var services = new LoopServices(job, loop, waits, share.Kept, openStream);
            using var stop = job.Stop.Register(loop.Stop);
            var worker = new LoopWorker(job, services, mode.Name, share.Slots);
            loop.Run(() => job.Crowd is null ? worker.RunAsync() : job.Crowd.RunAsync(services, share.Crowd, share.Loops, worker.RunAsync));
            if (loop.Observer is { } observer)
            {
                job.Watched.Enqueue(observer.Finish(job.StartedAt));
            }
        }
    }

    private static Task RunOnThreadAsync(string name, Action run)
    {
        var ended = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var thread = new Thread(() =>
        {
            try
            {
                run();
                ended.SetResult();
            }
            catch (Exception e)
            {
                ended.SetException(e);
            }
        })
        { Name = name, IsBackground = true };
        thread.Start();
        return ended.Task;
    }
}
