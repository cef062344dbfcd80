using System.Text;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Lets a request pass when the robots.txt of its origin allows it, and fetches that file first when nobody has (RFC 9309).
/// </summary>
/// <param name="job">The run.</param>
/// <param name="files">The files that are known.</param>
/// <param name="wait">Waits for what others fetch.</param>
/// <param name="next">Makes requests.</param>
internal sealed class RobotsGuard(FetchJob job, RobotsFiles files, WaitElsewhere wait, Ask next)
{
    private readonly RequestWriter _requests = new(files.Asking);

    /// <summary>Asks, if robots.txt allows it.</summary>
    public async LoopTask<Reply> AskAsync(Transfer transfer)
    {
        var from = MonotonicClock.Now(job.Clock);
        var refusal = await WhyNotAsync(transfer).ConfigureAwait(false);
        transfer.Result.RobotsTime += MonotonicClock.Now(job.Clock) - from;
        return refusal is { } reply ? reply : await next(transfer).ConfigureAwait(false);
    }

    /// <summary>Why <see cref="Transfer.Current"/> must not be asked for, or could not be this time; null when it may.</summary>
    private async ValueTask<Reply?> WhyNotAsync(Transfer transfer)
    {
        var file = files.Of(transfer.Current.Origin);
        while (true)
        {
            var look = file.Look();
            var found = look.Known is { } known ? new Found(known)
                : look.Fetching is { } other ? await OtherAsync(transfer, other).ConfigureAwait(false)
                : await FetchAsync(transfer, file).ConfigureAwait(false);
            if (found.InVain is { } inVain)
            {
                return inVain;
            }

            switch (found.Result)
            {
                case { Rules: null, Failure: { } failure }:
                    var unread = Failures.RobotsUnread.Of(OriginOf(transfer), failure.Message);
                    return new Reply(ReplyKind.NoResponse, IsReported: true) { Error = unread, RetryAfter = found.RetryAfter };
                case { Rules: { } rules } when rules.Allows(transfer.Current.PathAndQuery):
                    return null;
                case { Rules: not null, Failure: var unreadable }:
                    return Reply.NotMade(unreadable is null
                        ? Failures.Disallowed.Of(OriginOf(transfer))
                        : Failures.DisallowedUnread.Of(OriginOf(transfer), unreadable.Message));
            }
        }
    }

    private async ValueTask<Found> OtherAsync(Transfer transfer, Task<RobotsResult> other) =>
        await wait(other, transfer.Deadline).ConfigureAwait(false)
            ? new Found(await other.ConfigureAwait(false))
            : new Found(default, InVain: Unreported(Failures.TimeOverBefore.Of("robots.txt was there")));

    private async ValueTask<Found> FetchAsync(Transfer transfer, HostRobots file)
    {
        RobotsRules? rules = null;
        FetchError? failure = null;
        var fetch = new Transfer(files.Asking, text: new RobotsText(files.Token));
        try
        {
            fetch.BeginFor(transfer, "/robots.txt"u8, _requests);
            var reply = await Redirects.FollowAsync(fetch, next, job.Options.MaxRedirects).ConfigureAwait(false);
            CircuitGuard.Report(job, fetch, reply);
            var error = reply.Error ?? (reply.Status >= 500 ? Failures.OfStatus(reply.Status) : null);
            rules = RulesOf(fetch, error);
            if (rules is null && (reply.Kind == ReplyKind.NotMade || error!.Kind == FetchErrorKind.Cancelled || MonotonicClock.Now(job.Clock) >= transfer.Deadline))
            {
                // Nothing is held against the origin.
                return new Found(default, InVain: reply.Kind == ReplyKind.NotMade ? reply : Unreported(error));
            }

            failure = rules is null ? error : null;
            files.Count(rules);
            return new Found(file.End(rules, failure), failure is null ? null : reply.RetryAfter);
        }
        finally
        {
            if (rules is null && failure is null)
            {
                file.End(null, null);
            }
        }
    }

    /// <summary>What an answer means (section 2.3.1); null when the file cannot be had.</summary>
    private static RobotsRules? RulesOf(Transfer fetch, FetchError? error) => fetch.Result.Status switch
    {
        // There is none, whatever the body of the answer is worth.
        >= 400 and < 500 => RobotsRules.AllowAll,
        _ when error is { Kind: FetchErrorKind.TooManyRedirects } => RobotsRules.AllowAll,
        _ when error is not null && !fetch.Body.Text!.IsFull => null,
        >= 200 and < 300 => fetch.Body.Text!.End(),
        _ => RobotsRules.AllowAll,
    };

    /// <summary>A failure that says nothing about the origin.</summary>
    private static Reply Unreported(FetchError? error) => new(ReplyKind.NoResponse, IsReported: true) { Error = error };

    private static string OriginOf(Transfer transfer) => Encoding.ASCII.GetString(transfer.Current.Origin);

    /// <summary>What a look at robots.txt has found.</summary>
    /// <param name="Result">What it says, or why it could not be had.</param>
    /// <param name="RetryAfter">How long the origin asked to wait.</param>
    /// <param name="InVain">What ends the request without a word about the origin.</param>
    private readonly record struct Found(RobotsResult Result, TimeSpan? RetryAfter = null, Reply? InVain = null);
}
