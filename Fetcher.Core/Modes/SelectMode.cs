using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>As <see cref="AsyncMode"/>, but the loop waits in select(2): the oldest way, and the only one that cannot have many descriptors.</summary>
internal sealed class SelectMode : IMode
{
    public string Name => "select";

    public string? Alias => null;

    public string Waiting => "one thread waits for all sockets at once";

    public string SystemCall => "select";

    public string Limit => "descriptors below 1024; a wait costs by the highest";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var loop = new EventLoop(new SelectPoller(), job.Clock, number);
            return new LoopPlan(loop, new Waits(Request: loop, Body: loop));
        });
}
