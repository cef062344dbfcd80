using System.Runtime.CompilerServices;
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
        Reply reply;
        transfer.BeginRequests();
        do
        {
            transfer.BeginRequest();
            reply = await ask(transfer).ConfigureAwait(false);
        }
        while (LeadsOn(transfer, ref reply, most));
        return reply;
    }

    /// <summary>Whether a reply redirects to another URL, which is then the next to be asked for.</summary>
    /// <param name="transfer">The transfer.</param>
    /// <param name="reply">The reply; gets an error when it redirects and cannot be followed.</param>
    /// <param name="most">Redirects to follow at most.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool LeadsOn(Transfer transfer, ref Reply reply, int most) => reply.Kind == ReplyKind.Redirect && TryFollow(transfer, ref reply, most);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryFollow(Transfer transfer, ref Reply reply, int most)
    {
        FetchError? error = null;
        if (transfer.Result.NumRedirects == most)
        {
            error = Failures.TooManyRedirects.Of(most);
        }
        else
        {
            transfer.Result.NumRedirects++;
            transfer.Result.Redirects?.Add(
                new RedirectStep(HeaderFields.TextOf(transfer.Current.Text), reply.Status, HeaderFields.TextOf(reply.Location)));
            if (transfer.TryMoveTo(reply.Location, out var reason))
            {
                return true;
            }

            error = Failures.RedirectNotFollowed.Of(reason);
        }

        reply = reply with { Kind = ReplyKind.Broken, Error = error };
        return false;
    }
}
