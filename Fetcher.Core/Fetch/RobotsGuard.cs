using System.Text;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Lets a request pass when the robots.txt of its origin allows it, and fetches that file first when nobody has (RFC 9309). One a slot.
/// </summary>
/// <param name="job">The run.</param>
/// <param name="files">The files that are known.</param>
/// <param name="slot">Waits for what others fetch.</param>
/// <param name="follow">Fetches a URL, redirects and all.</param>
internal sealed class RobotsGuard(FetchJob job, RobotsFiles files, ISlot slot, Func<Transfer, ValueTask> follow)
{
    private readonly Transfer _fetch = new(
        job.Options with { Sha256 = false, JournalPath = null, FollowRedirects = true }, text: new BodyText(RobotsRules.MostBytes));

    /// <summary>Comes back when <see cref="Transfer.Current"/> may be asked for.</summary>
    /// <exception cref="FetchException">It may not, or the file could not be had this time.</exception>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    public async ValueTask AdmitAsync(Transfer transfer)
    {
        var file = files.Of(transfer.Current.Origin);
        RobotsResult result;
        do
        {
            var look = file.Look();
            result = look.Known
                ?? (look.Fetching is { } other ? await OtherAsync(transfer, other).ConfigureAwait(false) : await FetchAsync(transfer, file).ConfigureAwait(false));
            if (result is { Rules: null, Failure: { } passing })
            {
                throw Failures.RobotsUnread.Of(OriginOf(transfer), passing.Message).Thrown();
            }
        }
        while (result.Rules is null);

        if (!result.Rules.Allows(transfer.Current.PathAndQuery))
        {
            transfer.IsDisallowed = true;
            throw (result.Failure is { } failure
                ? Failures.DisallowedUnread.Of(OriginOf(transfer), failure.Message)
                : Failures.Disallowed.Of(OriginOf(transfer))).Thrown();
        }
    }

    private async ValueTask<RobotsResult> OtherAsync(Transfer transfer, Task<RobotsResult> other) =>
        await slot.WaitForAsync(other, transfer.Deadline).ConfigureAwait(false)
            ? await other.ConfigureAwait(false)
            : throw Failures.TimeOverBefore.Of("robots.txt was there").Thrown();

    private async ValueTask<RobotsResult> FetchAsync(Transfer transfer, HostRobots file)
    {
        RobotsRules? rules = null;
        FetchError? failure = null;
        RobotsResult result;
        try
        {
            var error = await TryAsync(transfer).ConfigureAwait(false);
            rules = RulesOf(error);
            var isOfHost = rules is null && error!.Kind != FetchErrorKind.Cancelled && Nanoseconds.Now(job.Clock) < transfer.Deadline;
            failure = isOfHost && !_fetch.IsRefused ? error : null;
            if (rules is null && failure is null)
            {
                transfer.IsRefused = _fetch.IsRefused;
                throw error!.Thrown();
            }

            transfer.RetryAfter = failure is null ? null : _fetch.RetryAfter;
        }
        finally
        {
            result = file.End(rules, failure);
        }

        return result;
    }

    /// <summary>Asks for the file; null when the answer is one that says what is allowed.</summary>
    private async ValueTask<FetchError?> TryAsync(Transfer transfer)
    {
        FetchError? error = null;
        _fetch.Body.Text!.Clear();
        _fetch.BeginFor(transfer, "/robots.txt"u8);
        try
        {
            await follow(_fetch).ConfigureAwait(false);
            error = _fetch.Result.Status is >= 500 and var status ? Failures.OfStatus(status) : null;
        }
        catch (Exception e)
        {
            error = Failures.Of(e);
        }

        job.ReportAttempt(_fetch, error);
        return error;
    }

    /// <summary>What an answer means (section 2.3.1); null when the file cannot be had.</summary>
    private RobotsRules? RulesOf(FetchError? error) => error switch
    {
        { Kind: FetchErrorKind.TooManyRedirects } => RobotsRules.AllowAll,
        not null when !_fetch.Body.Text!.IsFull => null,
        _ => _fetch.Result.Status is >= 200 and < 300 ? RobotsRules.Parse(_fetch.Body.Text!.Written, files.Token) : RobotsRules.AllowAll,
    };

    private static string OriginOf(Transfer transfer) => Encoding.ASCII.GetString(transfer.Current.Origin);
}
