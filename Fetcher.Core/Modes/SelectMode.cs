using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>
/// As <see cref="AsyncMode"/>, but the loop waits in select(2): the oldest way, and the only one that cannot have many descriptors.
/// </summary>
internal sealed class SelectMode : IMode
{
    /// <summary>Descriptors for lists, reports and name look-ups.</summary>
    private const int Spare = 32;

    public string Name => "select";

    public string? Alias => null;

    public string Waiting => "one thread waits for all sockets at once";

    public string SystemCall => "select";

    public string Limit => "descriptors below 1024; a wait costs by the highest";

    /// <inheritdoc/>
    /// <remarks>Looked up in the process as it is now, since a set of bits has no room for bad luck.</remarks>
    public string? WhyNot(FetchOptions options)
    {
        if (Platform.WhyNoSockets is { } reason)
        {
            return reason;
        }

        var (needed, free) = (options.Concurrency + Math.Min(options.Loops, options.Concurrency) + Spare, SelectPoller.CountFree());
        return needed <= free
            ? null
            : $"concurrency {options.Concurrency} needs {needed} descriptors, {free} are free below 1024, and {SelectPoller.Limit}";
    }

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, job.Options.Loops, job.Options.Concurrency, number =>
        {
            var loop = new EventLoop(new GatheringPoller(new SelectPoller(), job.Clock), job.Clock, number);
            return new LoopPlan(loop, new Waits(Request: loop, Body: loop));
        });
}
