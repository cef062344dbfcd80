using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>
/// As <see cref="AsyncMode"/>, but the loop waits in poll(2): any number of descriptors, all of them handed over for every wait.
/// </summary>
internal sealed class PollMode : IMode
{
    public string Name => "poll";

    public string? Alias => null;

    public string Waiting => "one thread waits for all sockets at once";

    public string SystemCall => "poll";

    public string Limit => "a wait costs by the sockets watched";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var loop = new EventLoop(new GatheringPoller(new PollPoller(), job.Clock), job.Clock, number);
            return new LoopPlan(loop, new Waits(Request: loop, Body: loop));
        });
}
