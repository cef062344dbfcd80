using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>
/// The classic mistake: the same epoll loop and the same asynchronous request, but the body is read with blocking calls on the loop's own
/// thread, so that nobody else is served until it is there. The difference to <see cref="AsyncMode"/> is one word.
/// </summary>
internal sealed class BlockingReadMode : IMode
{
    public string Name => "blocking-read";

    public string? Alias => null;

    public string Waiting => "as async for the request, then stands in each body's read";

    public string SystemCall => "epoll_wait, then blocking recvfrom";

    public string Limit => "one body at a time";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var loop = new EventLoop(new GatheringPoller(new EpollPoller(), job.Clock), job.Clock, number);
            return new LoopPlan(loop, new Waits(Request: loop, Body: new BlockInPlace(loop)));
        });
}
