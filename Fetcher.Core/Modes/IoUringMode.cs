using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;
using Fetcher.Core.Net;

namespace Fetcher.Core.Modes;

/// <summary>
/// Completion instead of readiness: the kernel is told once what to send and receive, does it by itself, and one io_uring_enter(2) a turn of the loop
/// hands over all of it. Where the kernel is too old for that, its ring only tells readiness, and the rest is as in <see cref="AsyncMode"/>.
/// </summary>
internal sealed class IoUringMode : IMode
{
    public string Name => "io-uring";

    public string? Alias => "uring";

    public string Waiting => "the kernel sends and receives by itself; one call a turn hands over and waits";

    public string SystemCall => "io_uring_enter";

    public string Limit => "open files; one core a loop";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets ?? UringPoller.WhyNot;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var poller = new UringPoller(job.Options.Concurrency);
            var loop = new EventLoop(poller, job.Clock, number);
            return new LoopPlan(
                loop, new Waits(Request: loop, Body: loop), poller.CanReceive ? socket => new UringStream(loop, socket, poller) : null);
        });
}
