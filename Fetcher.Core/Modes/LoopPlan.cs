using Fetcher.Core.Exchange;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Net;

namespace Fetcher.Core.Modes;

/// <summary>How many loops a run has, and how many transfers at once over all of them.</summary>
internal readonly record struct LoopCount(int Loops, int Slots);

/// <summary>What of a run is one loop's.</summary>
/// <param name="Number">Its number, from 0.</param>
/// <param name="Loops">How many loops there are.</param>
/// <param name="Slots">Its transfers at once.</param>
/// <param name="Kept">Connections it keeps for later requests.</param>
/// <param name="Crowd">Its idle connections beside the work.</param>
internal readonly record struct LoopShare(int Number, int Loops, int Slots, int Kept, int Crowd);

/// <summary>Transfers run on one or several loops, each on a thread of its own, all taking from the same list.</summary>
/// <param name="Poller">Makes what a loop waits with.</param>
/// <param name="Count">How many loops, and how many transfers on them.</param>
/// <param name="Request">How a transfer waits until its request has been sent and the header section is there.</param>
/// <param name="Body">How it waits for the rest.</param>
internal sealed record LoopPlan(
    Func<FetchJob, IPoller> Poller, Func<FetchJob, LoopCount> Count, Func<EventLoop, IReadiness> Request, Func<EventLoop, IReadiness> Body) : IModePlan
{
    /// <summary>Connections kept over all loops, unless there are more transfers, and by the loop that keeps the fewest.</summary>
    private const int MostIdle = 64, FewestIdle = 8;

    public Task RunAsync(string mode, FetchJob job)
    {
        var (loops, slots) = Count(job);
        loops = Math.Min(loops, slots);
        var kept = Math.Max(FewestIdle, Math.Max(MostIdle, job.Options.Concurrency) / loops);
        var running = new Task[loops];
        for (var number = 0; number < loops; number++)
        {
            var share = new LoopShare(number, loops, Share(slots, loops, number), kept, Share(job.Crowd?.Count ?? 0, loops, number));
            running[number] = RunOnThreadAsync($"{mode} {number}", () => RunLoop(mode, job, share), job.EndWith);
        }

        return Task.WhenAll(running);
    }

    private static int Share(int slots, int loops, int number) => (slots / loops) + (number < slots % loops ? 1 : 0);

    private void RunLoop(string mode, FetchJob job, LoopShare share)
    {
        using var counting = job.Counters.CountThisThread();
        var poller = Poller(job);
        using var loop = new EventLoop(poller, job.Clock, share.Number);
        loop.BlockedReads = job.Counters.NewBlockedReads();
        var waits = new Waits(Request(loop), Body(loop));
        var standsStill = waits.Request == loop && waits.Body != loop;
        using (loop.Observer = job.Options.Stalls ? new LoopObserver(share.Number, share.Loops, job.Clock, standsStill) : null)
        {
            using var services = new LoopServices(job, loop, waits, share.Kept, StreamsOf(loop, poller));
            using var stop = job.Stop.Register(loop.Stop);
            var transport = HostTurns.Of(job, loop) is { } turns ? new PacedTransport(services.Transport, turns, opensFirst: true) : services.Transport;
            var retries = new Retries(job.Options, loop.TimeProvider, services.Draining);
            var blocks = waits.Request != loop || waits.Body != loop;
            var slots = new Slots(job, loop, share.Slots, CreateFetch, services.Draining) { Batch = ResultBatch.For(job, blocks) };
            loop.OnTurnEnd = slots.EndTurn;
            loop.Run(() => job.Crowd is null ? slots.RunAsync() : job.Crowd.RunAsync(services, share.Crowd, share.Loops, slots.RunAsync));
            if (loop.Observer is { } observer)
            {
                job.Watched.Enqueue(observer.Finish(job.StartedAt));
            }

            FetchUrls CreateFetch(IPlaces places) =>
                new FetchPipeline(job, new RoundTrip(job, transport, loop), places, retries, mode, share.Number).FetchAsync;
        }
    }

    /// <summary>What makes the stream of a connected socket; null for the usual one, which makes its system calls itself.</summary>
    private static Func<LoopSocket, SocketStream>? StreamsOf(EventLoop loop, IPoller poller) =>
        poller is UringPoller { CanReceive: true } uring ? socket => new UringStream(loop, socket, uring) : null;

    private static Task RunOnThreadAsync(string name, Action run, Action<Exception> onFault)
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
                onFault(e);
                ended.SetException(e);
            }
        })
        { Name = name, IsBackground = true };
        try
        {
            thread.Start();
        }
        catch (OutOfMemoryException e)
        {
            // No thread can be had (pthread_create(3), EAGAIN): the other loops have to end.
            onFault(e);
            ended.SetException(e);
        }

        return ended.Task;
    }
}
