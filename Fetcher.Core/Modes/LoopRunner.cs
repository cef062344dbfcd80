using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>One loop of a run: how it polls, and how its transfers wait.</summary>
internal sealed record LoopPlan(EventLoop Loop, Waits Waits);

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
        var idleConnections = Math.Max(FewestIdle, Math.Max(MostIdle, job.Options.Concurrency) / loops);
        return Task.WhenAll(Enumerable.Range(0, loops).Select(number => RunOnThreadAsync(
            $"{mode.Name} {number}",
            () => RunLoop(mode, job, number, Share(slots, loops, number), idleConnections, plan))));
    }

    private static int Share(int slots, int loops, int number) => (slots / loops) + (number < slots % loops ? 1 : 0);

    private static void RunLoop(IMode mode, FetchJob job, int number, int slots, int idleConnections, Func<int, LoopPlan> plan)
    {
        var (loop, waits) = plan(number);
        using (loop)
        {
            using var services = new LoopServices(job, loop, waits, idleConnections);
            using var stop = job.Stop.Register(loop.Stop);
            loop.Run(() => new LoopWorker(job, services, mode.Name, slots).RunAsync());
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
