using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>Follows redirects (RFC 9110, section 15.4).</summary>
internal static class Redirects
{
    /// <summary>Asks for the URL of the transfer, and goes where the responses lead.</summary>
    /// <param name="transfer">The transfer.</param>
    /// <param name="ask">Makes a request.</param>
    /// <param name="most">Redirects to follow at most.</param>
    /// <returns>What the last request came to; too many redirects, and one that leads nowhere, are failures.</returns>
    public static async LoopTask<Reply> FollowAsync(Transfer transfer, Ask ask, int most)
    {
        transfer.BeginRequests();
        while (true)
        {
            transfer.BeginRequest();
            var reply = await ask(transfer).ConfigureAwait(false);
            if (reply.Kind != ReplyKind.Redirect)
            {
                return reply;
            }

            if (WhyNot(transfer, reply, most) is { } error)
            {
                return reply with { Kind = ReplyKind.Broken, Error = error };
            }
        }
    }

    /// <summary>Takes the next URL from a redirect; what stands in the way of that, or null.</summary>
    private static FetchError? WhyNot(Transfer transfer, Reply redirect, int most)
    {
        if (transfer.Result.NumRedirects == most)
        {
            return Failures.TooManyRedirects.Of(most);
        }

        transfer.Result.NumRedirects++;
        return transfer.TryMoveTo(redirect.Location, out var reason) ? null : Failures.RedirectNotFollowed.Of(reason);
    }
}
