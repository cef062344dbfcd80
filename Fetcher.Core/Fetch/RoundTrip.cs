using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Fetch;

/// <summary>
/// One request and its response, with all that does not depend on how they travel: a stale connection is replaced, the body is decoded and handed on, or
/// drained when nobody wants it, and what happened is written down. The end of every <see cref="Ask"/>. One a loop, for all its transfers.
/// </summary>
/// <param name="job">The run.</param>
/// <param name="transport">What carries the exchange.</param>
/// <param name="executor">Where the transfers run.</param>
internal sealed class RoundTrip(FetchJob job, ITransport transport, IExecutor executor)
{
    /// <summary>
    /// What is read of a body that nobody wants, so that its connection can be kept: bytes, and nanoseconds. Beyond either, another connection is cheaper.
    /// </summary>
    private const long MostDrained = 64 * 1024, DrainPatience = 100_000_000;

    /// <summary>How often a request is made again that the server has not taken up, before that is a failure.</summary>
    private const int MostAgain = 3;

    private readonly FetchOptions _options = job.Options;
    private readonly LoopObserver? _observer = executor.Observer;
    private readonly StringCache _contentTypes = new();

    /// <summary>Makes the request, and gives what it came to; an exception on the way is a reply too.</summary>
    public LoopTask<Reply> AskAsync(Transfer transfer) => (transfer.RoundTrips ??= Begin(transfer)).CallAsync();

    private LoopCalls<Reply> Begin(Transfer transfer)
    {
        var calls = new LoopCalls<Reply>(isOfLoop: executor is EventLoop);
        _ = ServeAsync(transfer, calls);
        return calls;
    }

    /// <summary>
    /// Makes the requests of a transfer, one after the other, as they are asked for. In one method, since each await that one URL stands in costs
    /// (bench/NOTES.md).
    /// </summary>
    private async LoopTask ServeAsync(Transfer transfer, LoopCalls<Reply> calls)
    {
        while (true)
        {
            await calls.NextAsync().ConfigureAwait(false);

            // Others may have begun since this was asked for.
            transfer.Watch?.GoOn();
            var reply = new Reply(ReplyKind.NoResponse);
            var cutBy = FetchErrorKind.Cancelled;
            SpecialAnswers mayGet;
            IExchange? exchange = null;
            transfer.Facts.Begin();
            try
            {
                for (var again = 0; ; again++)
                {
                    var limits = new Limits(transfer.Deadline, transfer.Item.GiveUp);
                    exchange = (await transport.OpenAsync(transfer.Current, limits, transfer.Facts, fresh: again > 0).ConfigureAwait(false)).Exchange;
                    transfer.Body.Tape = exchange.Tape;
                    try
                    {
                        var request = transfer.NextRequest(job.Requests, job.Cookies);
                        mayGet = request.MayGet;
                        exchange.Send(request);
                        int received;
                        do
                        {
                            received = await exchange.ReceiveHeadAsync().ConfigureAwait(false);
                        }
                        while (!exchange.TakeHead(received));

                        if (!transfer.Facts.MayBeStale || exchange.Head.Status != 408)
                        {
                            break;
                        }
                    }
                    catch (Exception e) when (again < MostAgain && exchange.MayAskAgain(e) && !transfer.Item.GiveUp.IsCancellationRequested)
                    {
                    }

                    // The server has not taken the request up. That is no failure of it.
                    exchange.Abandon();
                    exchange = null;
                    transfer.Facts.BeginAgain();
                }

                reply = Note(transfer, exchange.Head, mayGet);
                exchange.Tape?.Note(exchange.Head, reply.Kind == ReplyKind.Unchanged);
                job.Cookies?.Take(transfer.Current, exchange.Head);
                if (!_options.Insecure)
                {
                    // Only over a connection without errors (RFC 6797, section 8.1), which nobody knows of one that is not verified.
                    job.Hsts?.Take(transfer.Current, exchange.Head);
                }

                if (reply.Kind == ReplyKind.Redirect)
                {
                    cutBy = await DrainAsync(exchange, counter: null).ConfigureAwait(false);
                }
                else if (!IsWanted(transfer, reply) && Failures.OfStatus(reply.Status, _options.RetryOn).IsTransient)
                {
                    cutBy = await DrainAsync(exchange, transfer.Body).ConfigureAwait(false);
                }
                else if (reply.Error is null && IsCounted(transfer, exchange.Head))
                {
                    int length;
                    while ((length = await exchange.SkipAsync().ConfigureAwait(false)) > 0)
                    {
                        transfer.Body.CountDropped(length);
                    }
                }
                else if (reply.Error is null)
                {
                    await ReceiveAsync(transfer, exchange, reply).ConfigureAwait(false);
                }
            }
            catch (Exception e)
            {
                // Whatever it looks like where the connection was broken off.
                var error = transfer.Item.GiveUp.IsCancellationRequested ? Failures.Stopped.Of() : Failures.Of(e);
                (cutBy, reply) = (error.Kind, Fail(transfer, reply, error));
            }

            calls.SetResult(End(transfer, exchange, cutBy, reply));
        }
    }

    /// <summary>What a reply becomes by a failure on the way: that of a body which nobody wanted counts for nothing.</summary>
    private static Reply Fail(Transfer transfer, Reply reply, FetchError error) =>
        reply.Kind == ReplyKind.NoResponse ? reply with { Error = error }
        : IsWanted(transfer, reply) || error.Kind is not (FetchErrorKind.Receive or FetchErrorKind.Timeout or FetchErrorKind.Protocol)
            ? reply with { Kind = ReplyKind.Broken, Error = error }
        : reply;

    /// <summary>Writes down what happened, and gives the exchange back.</summary>
    /// <returns>What the request came to.</returns>
    private static Reply End(Transfer transfer, IExchange? exchange, FetchErrorKind cutBy, Reply reply)
    {
        try
        {
            transfer.Facts.NoteIn(transfer.Result, transfer.StartedAt);
            (transfer.Result.SizeDownload, transfer.Result.SizeBody) = (transfer.Body.Downloaded, transfer.Body.Size);
            if (exchange is not null)
            {
                exchange.Tape?.End(transfer.Facts.RemoteIp, exchange.IsWhole ? null : cutBy);
                exchange.End();
            }

            return reply;
        }
        catch (Exception e)
        {
            return new Reply(ReplyKind.NoResponse) { Error = Failures.Of(e) };
        }
    }

    /// <summary>Whether a body is only counted, as it comes.</summary>
    /// <exception cref="FetchException">It announces itself as longer than the limit.</exception>
    private static bool IsCounted(Transfer transfer, ResponseHead head)
    {
        if (!transfer.Body.IsDropped || IsDecoded(transfer, head))
        {
            return false;
        }

        transfer.Body.Announce(head);
        return true;
    }

    private static bool IsDecoded(Transfer transfer, ResponseHead head) =>
        transfer.Decodes && head.ContentCodings.Length > 0 && head.Framing != BodyFraming.None;

    /// <summary>Whether the body is the one that was asked for. Another counts for nothing, so that its failures do not count either.</summary>
    private static bool IsWanted(Transfer transfer, Reply reply) =>
        reply.IsAccepted || reply.Kind == ReplyKind.Unchanged || transfer.Body.File is { IsContinuing: true };

    /// <summary>Takes over what a response's header section says.</summary>
    private Reply Note(Transfer transfer, ResponseHead head, SpecialAnswers mayGet)
    {
        var result = transfer.Result;
        result.Status = head.Status;
        result.HttpVersion = head.Version;
        result.ContentType = head.ContentTypeText ??= _contentTypes.Get(head.ContentType);
        if (result.Headers is { } fields)
        {
            head.CopyTo(fields);
        }

        if (_options.JournalPath is not null)
        {
            result.ETag.Set(head.ETag);
            result.LastModified.Set(head.LastModified);
        }

        var isAccepted = _options.AcceptStatus.Contains(head.Status) || (head.Status == 304 && mayGet.HasFlag(SpecialAnswers.UnchangedForUser));
        if (head.Status is >= 200 and < 300)
        {
            return head.Status == 206 && !mayGet.HasFlag(SpecialAnswers.Part) && !ContentRange.IsWhole(head.ContentRange)
                ? new Reply(ReplyKind.Broken, head.Status) { Error = Failures.PartUnasked.Of() }
                : new Reply(ReplyKind.Response, head.Status, isAccepted);
        }

        var retryAfter = RetryAfter.Parse(head.RetryAfter, job.Clock.GetUtcNow());
        return head.Status == 304 && mayGet.HasFlag(SpecialAnswers.Unchanged) ? new Reply(ReplyKind.Unchanged, 304)
            : transfer.FollowsRedirects && IsRedirect(head.Status) && !head.Location.IsEmpty
                ? new Reply(ReplyKind.Redirect, head.Status) { Location = head.Location.ToArray(), RetryAfter = retryAfter }
            : new Reply(ReplyKind.Response, head.Status, isAccepted) { RetryAfter = retryAfter };
    }

    /// <summary>
    /// Whether <paramref name="status"/> with a Location sends us on to another URL (RFC 9110, section 15.4): all of the class, as in curl, but 304, which
    /// says that nothing is new, 305, which would choose a proxy for us, and 306, which means nothing any more.
    /// </summary>
    private static bool IsRedirect(int status) => status is >= 300 and <= 399 and not (304 or 305 or 306);

    /// <summary>Receives a body that somebody takes: decoded, hashed, saved or handed on.</summary>
    private async LoopTask ReceiveAsync(Transfer transfer, IExchange exchange, Reply reply)
    {
        var (body, head) = (transfer.Body, exchange.Head);
        if (body.Target is { } target && !transfer.IsHead && reply.IsAccepted)
        {
            var isLengthKnown = head.Framing == BodyFraming.ContentLength && !(transfer.Decodes && head.ContentCodings.Length > 0);
            target.Begin(transfer.Result, isLengthKnown ? head.ContentLength : null, transfer.Deadline, transfer.Item.GiveUp);
        }

        if (body.File is not null && reply.Kind != ReplyKind.Unchanged)
        {
            exchange.Keep();
            await body.BeginSavingAsync(head).ConfigureAwait(false);
        }

        body.Announce(head);
        if (IsDecoded(transfer, head))
        {
            var coded = new ExchangeBodyStream(exchange, body.CountDownloaded);
            await body.WriteDecodedAsync(coded, Decode(transfer, coded, head.ContentCodings), coded.Keep).ConfigureAwait(false);
            return;
        }

        while (await exchange.ReadAsync().ConfigureAwait(false) > 0)
        {
            body.CountDownloaded(exchange.Body.Length);
            body.Write(exchange.Body.Span);
            if (body.MustDrain)
            {
                exchange.Keep();
                await body.DrainAsync().ConfigureAwait(false);
            }
        }
    }

    private Stream Decode(Transfer transfer, ExchangeBodyStream coded, ReadOnlySpan<ContentCoding> codings)
    {
        if (_observer is null)
        {
            return ContentDecoding.Decode(coded, codings, GiveWayAsync);
        }

        var kept = codings.ToArray();
        return WatchedStream.Around(_observer, Activity.Decode, coded, stream => ContentDecoding.Decode(stream, kept, GiveWayAsync));

        async ValueTask GiveWayAsync()
        {
            coded.Keep();
            await executor.GiveWayAsync().ConfigureAwait(false);
            _observer?.Enter(Activity.Decode);
            if (executor.GetTimestamp() >= transfer.Deadline)
            {
                throw Failures.TimeOver.Of().Thrown();
            }

            transfer.Item.GiveUp.ThrowIfCancellationRequested();
        }
    }

    /// <summary>Reads a body that nobody wants, as far as that may save its connection. What goes wrong costs the connection and nothing else.</summary>
    /// <param name="exchange">Whose.</param>
    /// <param name="counter">Counts its bytes, or null.</param>
    /// <returns>What cut the body, unless it is whole.</returns>
    private static async LoopTask<FetchErrorKind> DrainAsync(IExchange exchange, BodyReceiver? counter)
    {
        if (!exchange.TryDrain(MostDrained, DrainPatience))
        {
            return FetchErrorKind.TooLarge;
        }

        try
        {
            int length;
            for (var drained = 0L; drained <= MostDrained && (length = await exchange.ReadAsync().ConfigureAwait(false)) > 0; drained += length)
            {
                counter?.CountDropped(length);
            }

            return FetchErrorKind.TooLarge;
        }
        catch (Exception e) when (e is FetchException or IOException)
        {
            return Failures.Of(e).Kind;
        }
    }
}
