using System.Runtime.CompilerServices;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Fetch;

/// <summary>
/// One URL from its line to its result: parse, attempt, follow redirects, try again. Whatever happens on the way becomes a result here, and only here:
/// exceptions do not leave it. One a loop, for all its transfers.
/// </summary>
/// <param name="job">The run.</param>
/// <param name="roundTrip">Makes requests.</param>
/// <param name="places">The places of the transfers under way.</param>
/// <param name="retries">Tries again.</param>
/// <param name="modeName">Stands in the results.</param>
/// <param name="loopNumber">Likewise.</param>
internal sealed class FetchPipeline(
    FetchJob job, RoundTrip roundTrip, IPlaces places, Retries retries, string modeName, int loopNumber)
{
    private readonly FetchOptions _options = job.Options;
    private readonly long _maxTime = job.Options.MaxTime is { } limit ? Nanoseconds.From(limit) : long.MaxValue;
    private readonly Ask _ask = AskChain.Of(job, roundTrip, places.WaitForAsync);

    /// <summary>Fetches a slot's URL and the next ones, as long as the slot has one.</summary>
    /// <remarks>A loop, not a method for each URL: each await that one URL stands in costs (bench/NOTES.md).</remarks>
    public async LoopTask FetchAsync(ISlot slot)
    {
        var transfer = slot.Transfer;
        do
        {
            var start = await slot.StartAsync().ConfigureAwait(false);
            Begin(transfer, start);
            var error = UrlLine.Parse(transfer, _options);
            if (error is null)
            {
                if (job.Previous is { } previous)
                {
                    transfer.FindEarlier(previous);
                }

                Reply reply;
                var begins = start.IsToBegin && !IsGivenUp(transfer);
                if (!begins || transfer.Body is not { File: null, Target: null })
                {
                    reply = await (begins ? AttemptAsync(transfer) : NotMadeAsync(transfer)).ConfigureAwait(false);
                }
                else
                {
                    // As AttemptAsync does, without its levels.
                    BeginAttempt(transfer);
                    try
                    {
                        transfer.BeginRequests();
                        do
                        {
                            transfer.BeginRequest();
                            reply = await _ask(transfer).ConfigureAwait(false);
                        }
                        while (Redirects.LeadsOn(transfer, ref reply, _options.MaxRedirects));
                        reply = Judge(transfer, reply);
                    }
                    catch (Exception e)
                    {
                        reply = new Reply(ReplyKind.NoResponse) { Error = Failures.Of(e) };
                    }

                    reply = EndAttempt(transfer, reply);
                }

                if (reply.Error is not null || !job.Circuits.IsQuiet)
                {
                    reply = await ConcludeAsync(transfer, reply).ConfigureAwait(false);
                }

                error = OutcomeOf(transfer, reply);
            }

            End(transfer, error);
        }
        while (slot.Next());
    }

    /// <summary>Leaves the slot and the place at the host to others, until the next attempt.</summary>
    /// <returns>False when the transfer has to keep them.</returns>
    public bool TryPause(Transfer transfer)
    {
        if (!places.TryPause())
        {
            return false;
        }

        job.Scheduler.Leave(transfer.Place, wentWell: false);
        job.Scheduler.PassOn();
        return true;
    }

    /// <summary>The next attempt, after a pause.</summary>
    /// <param name="transfer">Whose.</param>
    /// <param name="paused">Whether it left its slot.</param>
    public async ValueTask<Attempt> RetryAsync(Transfer transfer, bool paused)
    {
        if (paused && await ResumeAsync(transfer).ConfigureAwait(false) is { } inVain)
        {
            return new Attempt(Reply.NotRepeated(inVain));
        }

        try
        {
            await places.WaitForTurnAsync(transfer.Deadline).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return new Attempt(Reply.NotRepeated(Failures.Stopped.Of()));
        }

        if (job.IsDraining || IsGivenUp(transfer))
        {
            return new Attempt(Reply.NotRepeated(Failures.Stopped.Of()));
        }

        if (MonotonicClock.Now(job.Clock) >= transfer.Deadline)
        {
            return new Attempt(Reply.NotRepeated(Failures.TimeOverBefore.Of("its turn had come")));
        }

        return Conclude(transfer, await AttemptAsync(transfer).ConfigureAwait(false));
    }

    /// <summary>Goes on where the transfers run.</summary>
    public PostedReturn ReturnAsync() => places.ReturnAsync();

    /// <summary>A paused transfer that is not tried again ends.</summary>
    public void EndPaused() => places.ResumeToEnd();

    /// <summary>Waits for a place at the host, which may have asked for a pause, then for a slot.</summary>
    private async ValueTask<FetchError?> ResumeAsync(Transfer transfer)
    {
        if (job.Scheduler.IsOn && await WaitForHostAsync(transfer).ConfigureAwait(false) is { } error)
        {
            job.Scheduler.GiveUp(transfer.Place);
            places.ResumeToEnd();
            return error;
        }

        await places.ResumeAsync().ConfigureAwait(false);
        return null;
    }

    private async ValueTask<FetchError?> WaitForHostAsync(Transfer transfer)
    {
        var turn = job.Scheduler.Return(transfer.Place, transfer.Url.Origin).WaitAsync(job.Drain);
        try
        {
            return !await places.WaitForAsync(turn, transfer.Deadline).ConfigureAwait(false) ? Failures.TimeOverBefore.Of("its host could be asked again")
                : turn.IsCanceled ? Failures.Stopped.Of()
                : null;
        }
        catch (OperationCanceledException)
        {
            return Failures.Stopped.Of();
        }
    }

    /// <summary>Draws conclusions from a first attempt, makes the others, and ends the file of a body that has failed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private async LoopTask<Reply> ConcludeAsync(Transfer transfer, Reply first)
    {
        var attempt = Conclude(transfer, first);
        var last = retries.Handles(attempt, transfer) ? await retries.RunAsync(transfer, attempt, this).ConfigureAwait(false) : first;
        if (last.Error is not null && transfer.Result.Attempts > 0 && transfer.Body.File is { } file)
        {
            await file.EndAsync().ConfigureAwait(false);
        }

        return last;
    }

    /// <summary>Draws conclusions about the host from how an attempt went.</summary>
    private Attempt Conclude(Transfer transfer, Reply last)
    {
        CircuitGuard.Report(job, transfer, last);
        if (last.Error is not { } error)
        {
            return new Attempt(last);
        }

        if (last.RetryAfter is { } pause && pause > TimeSpan.Zero && error.IsTransient)
        {
            var isPutOff = job.Scheduler.Hold(transfer.Place, transfer.Current.Origin, pause, transfer.SentAt);
            return new Attempt(last, IsHeld: true, isPutOff);
        }

        if (transfer.Place.IsHeld && (error.Kind == FetchErrorKind.Timeout || error.IsCongestion || last.Status is 429 or 503))
        {
            job.Scheduler.NoteCongestion(transfer.Place, transfer.SentAt);
        }

        return new Attempt(last);
    }

    /// <summary>Tries once, redirects and all.</summary>
    /// <returns>What the last request came to; an error unless the URL has been fetched.</returns>
    private async LoopTask<Reply> AttemptAsync(Transfer transfer)
    {
        Reply reply;
        BeginAttempt(transfer);
        try
        {
            reply = transfer.Body.File is { } file
                ? await FollowAndSaveAsync(transfer, file).ConfigureAwait(false)
                : Judge(transfer, await Redirects.FollowAsync(transfer, _ask, _options.MaxRedirects).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            reply = new Reply(ReplyKind.NoResponse) { Error = Failures.Of(e) };
        }

        reply = EndAttempt(transfer, reply);
        return transfer.Body.Target is { } target ? await HandOverAsync(transfer, target, reply).ConfigureAwait(false) : reply;
    }

    /// <summary>Makes no attempt at all.</summary>
    private static async LoopTask<Reply> NotMadeAsync(Transfer transfer)
    {
        var reply = Reply.NotMade(Failures.Stopped.Of());
        return transfer.Body.Target is { } target ? await HandOverAsync(transfer, target, reply).ConfigureAwait(false) : reply;
    }

    /// <summary>Ends a body that is handed over as it comes.</summary>
    private static async LoopTask<Reply> HandOverAsync(Transfer transfer, IBodyTarget target, Reply reply)
    {
        try
        {
            await target.EndAsync(transfer.Result, isWhole: reply.Error is null).ConfigureAwait(false);
            return reply;
        }
        catch (Exception e)
        {
            return reply.Error is null ? reply with { Error = Failures.Of(e) } : reply;
        }
    }

    /// <summary>Whether even what has been taken is to end. A run that drains is no reason: whoever took the URL without a wait had begun with it.</summary>
    private bool IsGivenUp(Transfer transfer) => job.Stop.IsCancellationRequested || transfer.Item.GiveUp.IsCancellationRequested;

    private static void BeginAttempt(Transfer transfer)
    {
        transfer.Watch?.GoOn();
        transfer.Result.BeginAttempt();
    }

    /// <summary>An attempt whose first request was not made is none.</summary>
    private static Reply EndAttempt(Transfer transfer, Reply reply)
    {
        if (reply.Kind == ReplyKind.NotMade && transfer.Result.NumRedirects == 0)
        {
            transfer.Result.Attempts--;
        }

        return reply;
    }

    /// <summary>With the body in a file; asks for nothing when the file is there already.</summary>
    private async LoopTask<Reply> FollowAndSaveAsync(Transfer transfer, BodyFile file)
    {
        var result = transfer.Result;
        try
        {
            result.SavedAs = await file.PrepareAsync(transfer.Url, transfer.Item, result.Attempts == 1, transfer.Deadline).ConfigureAwait(false);
            if (result.SavedAs is not null)
            {
                result.Skipped = true;
                return Reply.NotMade(null);
            }

            var reply = await Redirects.FollowAsync(transfer, _ask, _options.MaxRedirects).ConfigureAwait(false);
            if (reply.Error is not null && file.StartsOver)
            {
                reply = await Redirects.FollowAsync(transfer, _ask, _options.MaxRedirects).ConfigureAwait(false);
            }

            reply = Judge(transfer, reply);
            result.SavedAs = reply.Error is null ? await file.FinishAsync(result.Sha256).ConfigureAwait(false) : null;
            return reply;
        }
        finally
        {
            await file.LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends a body, and makes a reply that does not count as fetched an error.</summary>
    private Reply Judge(Transfer transfer, Reply reply)
    {
        if (reply.Error is not null)
        {
            return reply;
        }

        transfer.Result.Sha256 = transfer.IsHead ? null : transfer.Body.FinishHash();
        if (_options.CpuBurst > TimeSpan.Zero)
        {
            transfer.Watch?.Enter(Activity.CpuBurst);
            CpuBurst.Burn(_options.CpuBurst);
            transfer.Watch?.Enter(Activity.Other);
        }

        return reply.Kind == ReplyKind.Unchanged ? reply
            : reply.IsAccepted || transfer.Body.File is { IsResumed: true }
                ? transfer.Item.Options?.Sha256 is { } wanted && wanted != transfer.Result.Sha256
                    ? reply with { Error = Failures.ChecksumWrong.Of(transfer.Result.Sha256, wanted) }
                    : reply
            : reply with { Error = Failures.OfStatus(reply.Status, _options.RetryOn) };
    }

    /// <summary>What the last reply means for the result.</summary>
    private static FetchError? OutcomeOf(Transfer transfer, Reply reply)
    {
        transfer.Result.EndedInPause = reply.Kind == ReplyKind.NotRepeated;
        if (reply is { Error: null, Kind: ReplyKind.Unchanged })
        {
            transfer.KeepEarlier();
        }

        return reply.Error;
    }

    private void Begin(Transfer transfer, TransferStart start)
    {
        var result = transfer.Result;
        result.Reset(transfer.Item.Index, modeName, loopNumber);
        transfer.Watch?.Begin(result.Index);
        result.Start = start.DueAt - job.StartedAt;
        result.TimeQueue = start.StartedAt - start.DueAt;
        transfer.Begin(start.DueAt, deadline: _maxTime == long.MaxValue ? long.MaxValue : start.DueAt + _maxTime);
    }

    private void End(Transfer transfer, FetchError? error)
    {
        var result = transfer.Result;
        result.Error = error;
        result.TimeTotal = MonotonicClock.Now(job.Clock) - transfer.StartedAt;
        transfer.Watch?.End(result, transfer.StartedAt);
    }
}
