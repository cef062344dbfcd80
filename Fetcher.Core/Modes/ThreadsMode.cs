using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>As <see cref="SequentialMode"/>, on as many threads as there may be transfers: the kernel does the waiting for each.</summary>
internal sealed class ThreadsMode : IMode
{
    public string Name => "threads";

    public string? Alias => null;

    public string Waiting => "stands in each call, a thread for each transfer";

    public string SystemCall => "blocking recvfrom";

    public string Limit => "memory and switching of the threads";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, loops: Math.Min(job.Options.Concurrency, Math.Max(1, job.Sockets.Most / 2)), slots: job.Options.Concurrency, number =>
        {
            // The loop itself has little to do: name look-ups and the pauses before retries.
            var loop = new EventLoop(new PollPoller(), job.Clock, number);
            var block = new BlockInPlace(loop);
            return new LoopPlan(loop, new Waits(Request: block, Body: block));
        });
}
