using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>
/// One URL after the other, each call blocking until it is done: the simplest program, and its time is the sum of all waits.
/// </summary>
internal sealed class SequentialMode : IMode
{
    public string Name => "sequential";

    public string? Alias => null;

    public string Waiting => "stands in each call, one URL at a time";

    public string SystemCall => "blocking recvfrom";

    public string Limit => "one transfer at a time";

    public string? WhyNot(FetchOptions options) => Platform.WhyNoSockets;

    public Task RunAsync(FetchJob job) =>
        LoopRunner.RunAsync(this, job, loops: 1, slots: 1, number =>
        {
            // The loop itself has little to do: name look-ups and the pauses before retries.
            var loop = new EventLoop(new PollPoller(), job.Clock, number);
            var block = new BlockInPlace(loop);
            return new LoopPlan(loop, new Waits(Request: block, Body: block));
        });
}
