using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>One epoll loop serves all transfers, and nothing ever blocks it: request and body wait alike.</summary>
internal sealed class AsyncMode : IMode
{
    public string Name => "async";

    public string? Alias => "epoll";

    public string Waiting => "one thread waits for all sockets at once";

    public string SystemCall => "epoll_wait";

    public string Limit => "open files; one core a loop";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var loop = new EventLoop(new GatheringPoller(new EpollPoller(), job.Clock), job.Clock, number);
            return new LoopPlan(loop, new Waits(Request: loop, Body: loop));
        });
}
