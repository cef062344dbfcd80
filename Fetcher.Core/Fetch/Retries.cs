using Fetcher.Core.Interop;
using Polly;
using Polly.Retry;
using Polly.Timeout;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Polly around a URL: total time, then retry with exponential backoff and jitter, on the loop's own clock. The limits of one attempt are the deadlines
/// of its connect and of each silence.
/// </summary>
/// <remarks>
/// A URL whose first attempt succeeds never gets here: its outcome is handed to the pipeline as that of the first call only when it is a transient
/// failure. The pipeline's state machines would be the only allocations of a request.
/// </remarks>
internal sealed class Retries
{
    private static readonly ResiliencePropertyKey<Attempts> Key = new("fetcher.attempts");

    private readonly FetchOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationToken _draining;

    // Polly checks the options of a strategy by reflection, which is an eighth of a run of one URL (bench/NOTES.md); most runs try nothing again.
    private readonly Lazy<ResiliencePipeline<Attempt>> _pipeline;

    /// <param name="options">How often, and when.</param>
    /// <param name="clock">The clock of the pauses; a loop's own, where there is one.</param>
    /// <param name="draining">Cancelled when no attempt is to begin any more.</param>
    public Retries(FetchOptions options, TimeProvider clock, CancellationToken draining)
    {
        _options = options;
        _clock = clock;
        _draining = draining;
        _pipeline = new Lazy<ResiliencePipeline<Attempt>>(Build);
    }

    /// <summary>Whether an attempt failed in a way that may go away by itself, and there is time to try again.</summary>
    public bool Handles(Attempt attempt, Transfer transfer)
    {
        if (attempt.Error is not { } error || error.Blame == FailureBlame.Final || _options.Retry == 0 || _draining.IsCancellationRequested)
        {
            return false;
        }

        var next = MonotonicClock.Now(_clock) + Nanoseconds.From(attempt.RetryAfter ?? TimeSpan.Zero);
        var isLate = next >= transfer.Deadline
            || (_options.RetryMaxTime is { } limit && next - transfer.StartedAt >= Nanoseconds.From(limit));
        return !isLate && (_options.RetryAllErrors || error.IsTransient);
    }

    /// <summary>Goes on after a first attempt that failed.</summary>
    /// <returns>What the last attempt came to.</returns>
    public async ValueTask<Reply> RunAsync(Transfer transfer, Attempt first, FetchPipeline pipeline)
    {
        var attempts = new Attempts(transfer, first, pipeline, _options.Retry);
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, _draining);
        context.Properties.Set(Key, attempts);
        try
        {
            var outcome = await _pipeline.Value.ExecuteOutcomeAsync(
                static (_, attempts) => attempts.NextAsync(),
                context,
                attempts).ConfigureAwait(false);
            if (outcome.Exception is not null)
            {
                // A delay that is cancelled ends on a thread of the pool, and with it all that follows in the slot would run there.
                await pipeline.ReturnAsync();
            }

            return outcome.Exception switch
            {
                null => outcome.Result.Last,
                TimeoutRejectedException => attempts.EndedBy(Failures.TimeOverAfter.Of(attempts.Last.Error?.Message)),
                OperationCanceledException => attempts.EndedBy(Failures.Stopped.Of()),
                var other => throw other,
            };
        }
        finally
        {
            attempts.End();
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private ResiliencePipeline<Attempt> Build()
    {
        var builder = new ResiliencePipelineBuilder<Attempt> { TimeProvider = _clock };
        if (_options.MaxTime is not null)
        {
            builder.AddTimeout(new TimeoutStrategyOptions
            {
                TimeoutGenerator = args => ValueTask.FromResult(TimeLeft(AttemptsOf(args.Context).Transfer)),
            });
        }

        if (_options.Retry > 0)
        {
            builder.AddRetry(new RetryStrategyOptions<Attempt>
            {
                // Counted here, since a wait that a busy host asks for may use up none.
                MaxRetryAttempts = int.MaxValue,
                BackoffType = _options.RetryDelay is null ? DelayBackoffType.Exponential : DelayBackoffType.Constant,
                UseJitter = _options.RetryDelay is null,
                Delay = _options.RetryDelay ?? TimeSpan.FromSeconds(1),
                ShouldHandle = args => ValueTask.FromResult(
                    AttemptsOf(args.Context).HasRetryFor(args.Outcome.Result) && Handles(args.Outcome.Result, AttemptsOf(args.Context).Transfer)),
                DelayGenerator = args => ValueTask.FromResult(AttemptsOf(args.Context).Pause(args.Outcome.Result)),
            });
        }

        return builder.Build();
    }

    private static Attempts AttemptsOf(ResilienceContext context) => context.Properties.GetValue(Key, null!);

    // Polly takes no shorter limit than 10 ms and reads a limit of zero as none.
    private TimeSpan TimeLeft(Transfer transfer) =>
        TimeSpan.FromMilliseconds(Math.Max(10, (transfer.Deadline - MonotonicClock.Now(_clock)) / 1e6));

    /// <summary>The attempts at one URL: the first, which has been made already, and those that follow.</summary>
    private sealed class Attempts(Transfer transfer, Attempt first, FetchPipeline pipeline, int retries)
    {
        private int _made;
        private int _used;
        private bool _isPaused;

        public Transfer Transfer => transfer;

        /// <summary>The last attempt that ended.</summary>
        public Attempt Last { get; private set; } = first;

        /// <summary>Whether there is a retry left, or none is needed.</summary>
        public bool HasRetryFor(Attempt attempt) => attempt.IsPutOff || _used < retries;

        /// <summary>Leaves the slot to others.</summary>
        /// <returns>How long to wait; null for as long as the strategy has it.</returns>
        public TimeSpan? Pause(Attempt attempt)
        {
            _isPaused = pipeline.TryPause(transfer);

            // The place at the host is given when the host has had its pause, unless it is not the URL's own.
            return _isPaused && attempt.IsHeld && transfer.IsFirstOrigin ? TimeSpan.Zero : attempt.RetryAfter;
        }

        public async ValueTask<Outcome<Attempt>> NextAsync()
        {
            if (_made++ > 0)
            {
                _used += Last.IsPutOff ? 0 : 1;
                var wasPaused = _isPaused;
                _isPaused = false;
                Last = await pipeline.RetryAsync(transfer, wasPaused).ConfigureAwait(false);
            }

            return Outcome.FromResult(Last);
        }

        /// <summary>The last attempt's reply, when something else ended the URL than its failure.</summary>
        public Reply EndedBy(FetchError error) => Last.Last with { Kind = ReplyKind.NotRepeated, Error = error };

        /// <summary>Nothing comes any more: the time was over, or the run was stopped, during a pause.</summary>
        public void End()
        {
            if (_isPaused)
            {
                pipeline.EndPaused();
            }
        }
    }
}
