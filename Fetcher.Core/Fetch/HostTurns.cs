using Fetcher.Core.Exchange;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>Has requests wait for their turns at hosts with a rate.</summary>
/// <param name="job">The run.</param>
/// <param name="executor">Where they wait.</param>
internal sealed class HostTurns(FetchJob job, IExecutor executor)
{
    /// <summary>Those of a run's requests; null when no host has a rate.</summary>
    public static HostTurns? Of(FetchJob job, IExecutor executor) =>
        job.Options.StartIntervalPerHost > TimeSpan.Zero ? new HostTurns(job, executor) : null;

    /// <summary>Waits until a request may be taken up.</summary>
    /// <exception cref="FetchException">Its time is over before.</exception>
    /// <exception cref="OperationCanceledException">Nothing new is to begin, or nobody wants the response any more.</exception>
    public ValueTask BeginAsync(HttpUrl url, Limits limits) => PassAsync(url, RequestStep.Begin, job.Scheduler.Enter(url), limits);

    /// <summary>Waits until it may be written.</summary>
    /// <inheritdoc cref="BeginAsync" path="/exception"/>
    public ValueTask WriteAsync(HttpUrl url, Limits limits) => PassAsync(url, RequestStep.Write, notBefore: 0, limits);

    private async ValueTask PassAsync(HttpUrl url, RequestStep step, long notBefore, Limits limits)
    {
        while (true)
        {
            limits.GiveUp.ThrowIfCancellationRequested();
            job.Drain.ThrowIfCancellationRequested();
            var next = notBefore > executor.GetTimestamp() ? notBefore : job.Scheduler.Pass(url, step);
            if (next is not { } moment)
            {
                return;
            }

            if (moment >= limits.Deadline)
            {
                throw Failures.TimeOverBefore.Of("its turn had come").Thrown();
            }

            var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var givenUp = limits.GiveUp.UnsafeRegister(static over => ((TaskCompletionSource)over!).TrySetResult(), over);
            using var drained = job.Drain.UnsafeRegister(static over => ((TaskCompletionSource)over!).TrySetResult(), over);
            await executor.WaitForAsync(over.Task, moment).ConfigureAwait(false);
        }
    }
}
