using System.Runtime.ExceptionServices;
using System.Text;
using Fetcher.Core.Loop;
using Polly;
using Polly.CircuitBreaker;

namespace Fetcher.Core.Fetch.Hosts;

/// <summary>
/// Polly's circuit breaker around the requests to one host that fails. It exists only while all fail: the first answer ends it, so the breaker sees
/// failures in a row.
/// </summary>
internal sealed class HostCircuit
{
    private const int LongestBreakSeconds = 60;

    private static readonly TimeSpan AllThatCount = TimeSpan.FromDays(1);

    private readonly ResiliencePipeline<FetchError?> _pipeline;
    private readonly int _mostFailures;
    private FetchError? _last;

    public HostCircuit(byte[] origin, FetchOptions options, TimeProvider clock)
    {
        Origin = origin;
        _mostFailures = options.CircuitFailures;
        var longest = Math.Max(LongestBreakSeconds, options.CircuitBreak.TotalSeconds);
        _pipeline = new ResiliencePipelineBuilder<FetchError?> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<FetchError?>
            {
                FailureRatio = 1,
                MinimumThroughput = options.CircuitFailures,
                SamplingDuration = AllThatCount,
                BreakDurationGenerator = args => ValueTask.FromResult(TimeSpan.FromSeconds(
                    Math.Min(longest, options.CircuitBreak.TotalSeconds * Math.Pow(2, Math.Min(args.HalfOpenAttempts, 30))))),
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is not null),
            })
            .Build();
    }

    /// <summary>Scheme, host and port.</summary>
    public byte[] Origin { get; }

    /// <summary>Asks the host, unless the circuit is open.</summary>
    /// <exception cref="FetchException">As <see cref="IRoundTripper.RoundTripAsync"/>; or the circuit is open, see
    /// <see cref="Transfer.IsRefused"/>.</exception>
    public async ValueTask AskAsync(Transfer transfer, Func<Transfer, LoopTask> roundTrip)
    {
        transfer.PassedCircuit = true;
        var outcome = await ExecuteAsync(
            static async request =>
            {
                try
                {
                    await request.RoundTrip(request.Transfer).ConfigureAwait(false);
                    return new Asked(Circuits.FailureOf(request.Transfer, null), null);
                }
                catch (Exception e)
                {
                    return new Asked(Circuits.FailureOf(request.Transfer, e), ExceptionDispatchInfo.Capture(e));
                }
            },
            (Transfer: transfer, RoundTrip: roundTrip)).ConfigureAwait(false);
        if (outcome is not { } asked)
        {
            transfer.IsRefused = true;
            throw Refusal();
        }

        asked.Thrown?.Throw();
    }

    /// <summary>Counts a failure of a request that was sent before there was a circuit.</summary>
    public async ValueTask NoteAsync(FetchError failure) =>
        await ExecuteAsync(static failure => ValueTask.FromResult(new Asked(failure, null)), failure).ConfigureAwait(false);

    /// <summary>Null when the circuit is open.</summary>
    private async ValueTask<Asked?> ExecuteAsync<TState>(Func<TState, ValueTask<Asked>> ask, TState state)
    {
        Asked? asked = null;
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, CancellationToken.None);
        try
        {
            var outcome = await _pipeline.ExecuteOutcomeAsync(
                async (_, state) =>
                {
                    asked = await ask(state).ConfigureAwait(false);
                    _last = asked.Value.Failure ?? _last;
                    return Outcome.FromResult(asked.Value.Failure);
                },
                context,
                state).ConfigureAwait(false);
            return outcome.Exception is null or BrokenCircuitException ? asked : throw outcome.Exception;
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private FetchException Refusal()
    {
        var last = _last!;
        var host = Encoding.ASCII.GetString(Origin);
        return Failures.OfOpenCircuit(host, _mostFailures, last).Thrown();
    }

    /// <param name="Failure">What speaks against the host, or null.</param>
    /// <param name="Thrown">What the request threw, or null.</param>
    private readonly record struct Asked(FetchError? Failure, ExceptionDispatchInfo? Thrown);
}
