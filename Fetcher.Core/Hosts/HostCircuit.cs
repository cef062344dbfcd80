using System.Text;
using Polly;
using Polly.CircuitBreaker;

namespace Fetcher.Core.Hosts;

/// <summary>
/// The circuit breaker of one host that fails. It exists only while all requests fail: the first answer ends it, so what it counts are failures in a
/// row. Open for <see cref="FetchOptions.CircuitBreak"/> at first, and twice as long after each trial in vain, up to a minute.
/// </summary>
/// <remarks>
/// Polly's breaker, which keeps the times and lets one trial through, takes 4 kB and at least two failures. Most hosts that fail do so only a few times:
/// one gets its breaker when the next failure is to open it.
/// </remarks>
internal sealed class HostCircuit(byte[] origin, FetchOptions options, TimeProvider clock)
{
    private const int LongestBreakSeconds = 60;

    /// <summary>The fewest failures that open one of Polly's breakers.</summary>
    private const int FewestOfBreaker = 2;

    private static readonly TimeSpan AllThatCount = TimeSpan.FromDays(1);

    private readonly Lock _gate = new();
    private int _failures;
    private volatile FetchError? _last;
    private volatile Breaker? _breaker;

    /// <summary>Asks whether the host may be asked: as long as the circuit is closed, and once when the break is over.</summary>
    public Admission Enter()
    {
        if (_breaker is not { IsClosed: false } breaker)
        {
            return new Admission(HasCircuit: true);
        }

        var trial = new CircuitTrial(this);
        trial.Run(breaker.Pipeline);
        return trial.IsAdmitted
            ? new Admission(HasCircuit: true, Trial: trial)
            : new Admission(HasCircuit: true, Refusal: Failures.OfOpenCircuit(Encoding.ASCII.GetString(origin), options.CircuitFailures, _last!));
    }

    /// <summary>Counts a failure. Those of requests that were sent before the circuit opened change nothing any more.</summary>
    public void Count(FetchError failure)
    {
        _last = failure;
        lock (_gate)
        {
            if (++_failures <= options.CircuitFailures - FewestOfBreaker)
            {
                return;
            }

            _breaker ??= NewBreaker();
            if (_breaker.IsClosed)
            {
                var request = new CircuitTrial(this);
                request.End(new HostOutcome(HostVerdict.Failed, failure));
                request.Run(_breaker.Pipeline);
            }
        }
    }

    /// <summary>What the breaker is told of a trial: what counts against the host, or null. An unclear end is no sign of life.</summary>
    internal FetchError? FailureOf(HostOutcome outcome)
    {
        _last = outcome.Failure ?? _last;
        return outcome.Verdict == HostVerdict.Answered ? null : _last;
    }

    private Breaker NewBreaker()
    {
        var seconds = options.CircuitBreak.TotalSeconds;
        var longest = Math.Max(LongestBreakSeconds, seconds);
        var state = new CircuitBreakerStateProvider();
        var pipeline = new ResiliencePipelineBuilder<FetchError?> { TimeProvider = clock }
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<FetchError?>
            {
                FailureRatio = 1,
                MinimumThroughput = FewestOfBreaker,
                SamplingDuration = AllThatCount,
                BreakDurationGenerator = args => ValueTask.FromResult(
                    TimeSpan.FromSeconds(Math.Min(longest, seconds * Math.Pow(2, Math.Min(args.HalfOpenAttempts, 30))))),
                ShouldHandle = args => ValueTask.FromResult(args.Outcome.Result is not null),
                StateProvider = state,
            })
            .Build();
        return new Breaker(pipeline, state);
    }

    private sealed record Breaker(ResiliencePipeline<FetchError?> Pipeline, CircuitBreakerStateProvider State)
    {
        public bool IsClosed => State.CircuitState == CircuitState.Closed;
    }
}

/// <summary>A request as Polly sees it: it begins when the breaker lets it, and ends when its outcome is known.</summary>
internal sealed class CircuitTrial(HostCircuit circuit)
{
    // Whoever reports the outcome goes on when the breaker knows it.
    private readonly TaskCompletionSource<FetchError?> _failure = new();
    private Task _run = Task.CompletedTask;

    /// <summary>Whether the breaker let it.</summary>
    public bool IsAdmitted { get; private set; }

    /// <summary>The outcome is known.</summary>
    public void End(HostOutcome outcome)
    {
        _failure.SetResult(circuit.FailureOf(outcome));
        ThrowIfBroken();
    }

    /// <summary>Asks the breaker. When this returns it has answered.</summary>
    internal void Run(ResiliencePipeline<FetchError?> pipeline)
    {
        _run = RunAsync(pipeline);
        ThrowIfBroken();
    }

    private async Task RunAsync(ResiliencePipeline<FetchError?> pipeline)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, CancellationToken.None);
        try
        {
            var outcome = await pipeline.ExecuteOutcomeAsync(static (_, trial) => trial.BeginAsync(), context, this).ConfigureAwait(false);
            if (outcome.Exception is not null and not BrokenCircuitException)
            {
                throw outcome.Exception;
            }
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private async ValueTask<Outcome<FetchError?>> BeginAsync()
    {
        IsAdmitted = true;
        return Outcome.FromResult<FetchError?>(await _failure.Task.ConfigureAwait(false));
    }

    private void ThrowIfBroken()
    {
        if (_run.IsFaulted)
        {
            _run.GetAwaiter().GetResult();
        }
    }
}
