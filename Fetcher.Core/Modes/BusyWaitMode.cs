using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>As <see cref="AsyncMode"/>, but the loop does not wait at all: it tries every socket until one has something.</summary>
internal sealed class BusyWaitMode : IMode
{
    public string Name => "busy-wait";

    public string? Alias => null;

    public string Waiting => "never: tries every socket again and again";

    public string SystemCall => "none";

    public string Limit => "a core, always busy";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var loop = new EventLoop(new BusyPoller(), job.Clock, number);
            return new LoopPlan(loop, new Waits(Request: loop, Body: loop));
        });
}
