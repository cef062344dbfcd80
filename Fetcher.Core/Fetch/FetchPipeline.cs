using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Hosts;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Fetch;

/// <summary>
/// One URL from its line to its result: parse, attempt, follow redirects, try again. Whatever happens on the way becomes a result here, and only here:
/// exceptions do not leave it. One a slot.
/// </summary>
internal sealed class FetchPipeline(
    FetchJob job, IRoundTripper roundTripper, ISlot slot, Retries retries, string modeName, int loopNumber)
{
    private readonly FetchOptions _options = job.Options;
    private readonly long _maxTime = job.Options.MaxTime is { } limit ? Nanoseconds.From(limit) : long.MaxValue;
    private RobotsGuard? _robots;

    /// <summary>Watches the slot's transfers, in a watched run; else null.</summary>
    public TransferWatch? Watch { get; init; }

    /// <summary>Fetches the URL of <see cref="Transfer.Item"/> and fills in <see cref="Transfer.Result"/>.</summary>
    /// <param name="transfer">The slot's transfer, with its next item.</param>
    /// <param name="dueAt">When the transfer was due, in nanoseconds of the run's clock.</param>
    /// <param name="startedAt">When its slot took it up, likewise.</param>
    public async LoopTask FetchAsync(Transfer transfer, long dueAt, long startedAt)
    {
        var result = transfer.Result;
        Begin(transfer, dueAt, startedAt);
        var error = ParseUrl(transfer);
        if (error is null)
        {
            if (job.Previous is { } previous)
            {
                transfer.FindPrevious(previous);
            }

            error = (await AttemptAsync(transfer).ConfigureAwait(false)).Error;
            if (error is not null || !job.Circuits.IsQuiet)
            {
                Note(transfer, error);
                if (error is not null && retries.Handles(error, transfer))
                {
                    error = await retries.RunAsync(transfer, error, this).ConfigureAwait(false);
                }
            }
        }

        if (error is null && transfer.IsUnchanged)
        {
            transfer.KeepRecorded();
        }

        if (error is not null && result.Attempts > 0 && transfer.Body.File is { } file)
        {
            await file.EndAsync().ConfigureAwait(false);
        }

        result.Error = error;
        result.TimeTotal = Nanoseconds.Now(job.Clock) - transfer.StartedAt;
        Watch?.End(result);
    }

    /// <summary>Leaves the slot and the place at the host to others, until the next attempt.</summary>
    /// <returns>False when the transfer has to keep them.</returns>
    public bool TryPause(Transfer transfer)
    {
        if (!slot.TryPause())
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
    public async ValueTask<FetchError?> RetryAsync(Transfer transfer, bool paused)
    {
        if (paused && await ResumeAsync(transfer).ConfigureAwait(false) is { } inVain)
        {
            return inVain;
        }

        var error = (await AttemptAsync(transfer).ConfigureAwait(false)).Error;
        Note(transfer, error);
        return error;
    }

    /// <summary>A paused transfer that is not tried again ends.</summary>
    public void EndPaused() => slot.ResumeToEnd();

    /// <summary>Waits for a place at the host, which may have asked for a pause, then for a slot.</summary>
    private async ValueTask<FetchError?> ResumeAsync(Transfer transfer)
    {
        FetchError? error = null;
        if (job.Scheduler.IsOn)
        {
            var turn = job.Scheduler.Return(transfer.Place, transfer.Url.Origin).WaitAsync(job.Drain);
            try
            {
                if (!await slot.WaitForAsync(turn, transfer.Deadline).ConfigureAwait(false))
                {
                    error = Failures.TimeOverBefore.Of("its host could be asked again");
                }
                else if (turn.IsCanceled)
                {
                    error = Failures.Stopped.Of();
                }
            }
            catch (OperationCanceledException)
            {
                error = Failures.Stopped.Of();
            }

            if (error is not null)
            {
                job.Scheduler.GiveUp(transfer.Place);
            }
        }

        if (error is null)
        {
            await slot.ResumeAsync().ConfigureAwait(false);
        }
        else
        {
            slot.ResumeToEnd();
        }

        return error;
    }

    /// <summary>Draws conclusions about the host from how an attempt went.</summary>
    private void Note(Transfer transfer, FetchError? error)
    {
        job.ReportAttempt(transfer, error);
        transfer.IsHeld = transfer.IsPutOff = false;
        if (error is null)
        {
            return;
        }

        if (transfer.RetryAfter is { } pause && pause > TimeSpan.Zero && error.IsTransient)
        {
            transfer.IsPutOff = job.Scheduler.Hold(transfer.Place, transfer.Current.Origin, pause, transfer.SentAt);
            transfer.IsHeld = true;
        }
        else if (transfer.Place.IsHeld && (error.Kind == FetchErrorKind.Timeout || transfer.Result.Status is 429 or 503))
        {
            job.Scheduler.NoteCongestion(transfer.Place, transfer.SentAt);
        }
    }

    /// <summary>Tries once, redirects and all. Null is success.</summary>
    public LoopTask<Attempt> AttemptAsync(Transfer transfer) =>
        transfer.Body.Target is { } target ? AttemptAndHandOverAsync(transfer, target) : TryAsync(transfer);

    private async LoopTask<Attempt> AttemptAndHandOverAsync(Transfer transfer, IBodyTarget target)
    {
        var error = (await TryAsync(transfer).ConfigureAwait(false)).Error;
        try
        {
            await target.EndAsync(transfer, isWhole: error is null).ConfigureAwait(false);
            return error;
        }
        catch (Exception e)
        {
            return error ?? Failures.Of(e);
        }
    }

    private async LoopTask<Attempt> TryAsync(Transfer transfer)
    {
        if (job.IsDraining || transfer.Item.GiveUp.IsCancellationRequested)
        {
            return Failures.Stopped.Of();
        }

        Watch?.GoOn();
        var result = transfer.Result;
        result.ResetAttempt();
        result.Attempts++;
        transfer.RetryAfter = null;
        try
        {
            if (transfer.Body.File is { } file)
            {
                return await FollowAndSaveAsync(transfer, file).ConfigureAwait(false);
            }

            // As FollowAsync does, without a level of its own: each await that one URL stands in costs (bench/NOTES.md).
            BeginFollowing(transfer);
            do
            {
                await AskAsync(transfer).ConfigureAwait(false);
            }
            while (LeadsOn(transfer));
            return Judge(transfer);
        }
        catch (Exception e)
        {
            // Whatever it looks like where the connection was broken off.
            return transfer.Item.GiveUp.IsCancellationRequested ? Failures.Stopped.Of() : Failures.Of(e);
        }
    }

    /// <summary>As <see cref="FollowAsync"/>, with the body in a file; asks for nothing when the file is there already.</summary>
    private async LoopTask<Attempt> FollowAndSaveAsync(Transfer transfer, BodyFile file)
    {
        var result = transfer.Result;
        try
        {
            result.SavedAs = await file.PrepareAsync(transfer.Url, transfer.Item, result.Attempts == 1, transfer.Deadline).ConfigureAwait(false);
            if (result.SavedAs is not null)
            {
                result.Attempts--;
                result.Skipped = true;
                return null;
            }

            try
            {
                await FollowAsync(transfer).ConfigureAwait(false);
            }
            catch (FetchException) when (file.StartsOver)
            {
                await FollowAsync(transfer).ConfigureAwait(false);
            }

            var error = Judge(transfer);
            result.SavedAs = error is null ? await file.FinishAsync(result.Sha256).ConfigureAwait(false) : null;
            return error;
        }
        finally
        {
            await file.LeaveAsync().ConfigureAwait(false);
        }
    }

    /// <summary>Ends a body that came whole; null when its status counts as fetched.</summary>
    private FetchError? Judge(Transfer transfer)
    {
        var result = transfer.Result;
        result.Sha256 = transfer.IsHead ? null : transfer.Body.FinishHash();
        if (_options.CpuBurst > TimeSpan.Zero)
        {
            Watch?.Enter(Activity.CpuBurst);
            CpuBurst.Burn(_options.CpuBurst);
            Watch?.Enter(Activity.Other);
        }

        if (transfer.IsUnchanged)
        {
            return null;
        }

        return transfer.Body.File is { IsResumed: true } ? null : JudgeStatus(transfer);
    }

    private static FetchError? JudgeStatus(Transfer transfer) => transfer.IsAccepted ? null : Failures.OfStatus(transfer.Result.Status);

    private void Begin(Transfer transfer, long dueAt, long startedAt)
    {
        var result = transfer.Result;
        result.Reset();
        result.Index = transfer.Item.Index;
        Watch?.Begin(result.Index);
        result.Mode = modeName;
        result.Loop = loopNumber;
        result.Start = dueAt - job.StartedAt;
        transfer.Begin();
        transfer.StartedAt = dueAt;
        transfer.Deadline = _maxTime == long.MaxValue ? long.MaxValue : dueAt + _maxTime;
        result.TimeQueue = startedAt - dueAt;
        transfer.Location = null;
        transfer.RequestsWatched = 0;
        transfer.IsPutOff = false;
    }

    private string? WhyNotSaved(UrlItem item) => item.Options?.SaveAs is not null && _options.OutputDir is null
        ? "save_as needs --output-dir, the folder to save in"
        : null;

    private FetchError? ParseUrl(Transfer transfer)
    {
        var item = transfer.Item;
        var reason = item.Problem ?? WhyNotSaved(item);
        if (reason is null && transfer.Url.TryParse(item.Text.Span, out reason))
        {
            transfer.Result.Url.Set(item.Text.Span);
            if (!transfer.Url.UserInfo.IsEmpty)
            {
                transfer.Result.Url.Set(UserInfo.Remove(item.Text.ToString()));
            }

            return null;
        }

        transfer.Result.Url.Set(UserInfo.Remove(item.Text.ToString()));
        var place = item.Line > 0 ? $"{item.Origin}:{item.Line}: " : "";
        return Failures.BadUrl.Of(place, reason);
    }

    private async LoopTask FollowAsync(Transfer transfer)
    {
        BeginFollowing(transfer);
        do
        {
            await AskAsync(transfer).ConfigureAwait(false);
        }
        while (LeadsOn(transfer));
    }

    private static void BeginFollowing(Transfer transfer)
    {
        transfer.Current.CopyFrom(transfer.Url);
        transfer.IsFirstOrigin = transfer.For?.IsFirstOrigin ?? true;
    }

    /// <summary>One request and its response.</summary>
    private LoopTask AskAsync(Transfer transfer)
    {
        transfer.Body.Begin();
        transfer.Result.FinalUrl.Set(transfer.Current.Text);
        transfer.IsAnswered = transfer.PassedCircuit = transfer.IsRefused = transfer.IsDisallowed = false;
        return job.Robots is null || transfer.For is not null ? AskOriginAsync(transfer) : AskIfAllowedAsync(transfer, job.Robots);
    }

    private LoopTask AskOriginAsync(Transfer transfer)
    {
        var admission = job.Circuits.Enter(transfer.Current.Origin);
        return admission.HasCircuit ? AskInCircuitAsync(transfer, admission) : RoundTripAsync(transfer);
    }

    /// <summary>Whether the response redirects to another URL, which is then the next to be asked for.</summary>
    /// <exception cref="FetchException">It does, and cannot be followed.</exception>
    private bool LeadsOn(Transfer transfer)
    {
        if (transfer.Location is null)
        {
            return false;
        }

        var result = transfer.Result;
        if (result.NumRedirects == _options.MaxRedirects)
        {
            throw Failures.TooManyRedirects.Of(_options.MaxRedirects).Thrown();
        }

        result.NumRedirects++;
        if (!transfer.Current.TryResolve(transfer.Current, transfer.Location, out var reason))
        {
            throw Failures.RedirectNotFollowed.Of(reason).Thrown();
        }

        // Once away from the first origin, credentials are not sent again even if a later redirect leads back.
        transfer.IsFirstOrigin &= transfer.Current.Origin.SequenceEqual(transfer.Url.Origin);
        return true;
    }

    private LoopTask RoundTripAsync(Transfer transfer) => RequestTelemetry.IsWatched
        ? RequestTelemetry.RoundTripAsync(roundTripper, transfer, job)
        : roundTripper.RoundTripAsync(transfer);

    private async LoopTask AskIfAllowedAsync(Transfer transfer, RobotsFiles files)
    {
        _robots ??= new RobotsGuard(job, files, slot, async file => await FollowAsync(file).ConfigureAwait(false));
        try
        {
            await _robots.AdmitAsync(transfer).ConfigureAwait(false);
        }
        finally
        {
            if ((transfer.IsDisallowed || transfer.IsRefused) && transfer.Result.NumRedirects == 0)
            {
                transfer.Result.Attempts--;
            }
        }

        await AskOriginAsync(transfer).ConfigureAwait(false);
    }

    private async LoopTask AskInCircuitAsync(Transfer transfer, Admission admission)
    {
        if (admission.Refusal is { } refusal)
        {
            // A failing host that redirects has answered; where it leads to is judged by itself.
            transfer.IsRefused = true;
            transfer.Result.Attempts -= transfer.Result.NumRedirects == 0 ? 1 : 0;
            throw refusal.Thrown();
        }

        transfer.PassedCircuit = true;
        FetchError? error = null;
        try
        {
            await RoundTripAsync(transfer).ConfigureAwait(false);
            error = JudgeStatus(transfer);
        }
        catch (Exception e)
        {
            error = Failures.Of(e);
            throw;
        }
        finally
        {
            job.Report(transfer, admission, error);
        }
    }

    /// <summary>How an attempt ended. As a struct, since a result that is a class costs its LoopTask a look-up of its type (bench/NOTES.md).</summary>
    public readonly record struct Attempt(FetchError? Error)
    {
        public static implicit operator Attempt(FetchError? error) => new(error);
    }
}
