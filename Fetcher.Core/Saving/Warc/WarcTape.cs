using System.Diagnostics.CodeAnalysis;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Saving.Warc;

/// <summary>Records one exchange after the other for the archive, seen from a loop. One a slot.</summary>
/// <param name="file">The archive.</param>
/// <param name="wait">Waits for work that runs elsewhere, at most until a moment; false when that passed.</param>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The archive ends what it is given.")]
internal sealed class WarcTape(WarcFile file, WaitElsewhere wait)
{
    private WarcExchange? _exchange;

    /// <summary>Whether <see cref="WaitForRoomAsync"/> comes before more is read.</summary>
    public bool MustWait => file.IsFull;

    /// <summary>Waits until the archive has written some of what waits for it.</summary>
    public async ValueTask WaitForRoomAsync() => await wait(file.WhenRoomAsync(), long.MaxValue).ConfigureAwait(false);

    /// <summary>A request is about to be sent. One before it that was never ended is forgotten: it has no answer.</summary>
    public void Begin(ReadOnlySpan<byte> url, ReadOnlySpan<byte> request)
    {
        _exchange?.Dispose();
        _exchange = new WarcExchange(Encoding.ASCII.GetString(url), file.Now, request.ToArray());
    }

    /// <summary>The header section of the response has come.</summary>
    /// <param name="head">The header section.</param>
    /// <param name="isRevisit">Whether it says that nothing has changed since an earlier run.</param>
    public void Note(ResponseHead head, bool isRevisit)
    {
        _exchange!.Head = head.Raw.ToArray();
        _exchange.IsRevisit = isRevisit;
        _exchange.Form = head.IsHttp2 ? WarcForm.Http2 : head.Framing == BodyFraming.Chunked ? WarcForm.Chunked : WarcForm.Plain;
    }

    /// <summary>Takes the next bytes of the body as they came over the connection, with their transfer coding; copies them.</summary>
    public void Take(ReadOnlySpan<byte> bytes)
    {
        if (!bytes.IsEmpty && !_exchange!.TryHold(bytes))
        {
            file.Append(_exchange, bytes);
        }
    }

    /// <summary>The exchange is over.</summary>
    /// <param name="remoteIp">Address of the server, or null.</param>
    /// <param name="cutBy">Why the body is not whole; null when it is.</param>
    public void End(string? remoteIp, FetchErrorKind? cutBy)
    {
        if (_exchange is { } exchange)
        {
            exchange.RemoteIp = remoteIp;
            exchange.Truncated = cutBy is { } kind && exchange.Head.Length > 0 ? Truncated(kind) : null;
            _exchange = null;
            file.End(exchange);
        }
    }

    /// <summary>A value of WARC-Truncated (WARC 1.1, section 5.13).</summary>
    private static string Truncated(FetchErrorKind cutBy) => cutBy switch
    {
        FetchErrorKind.TooLarge => "length",
        FetchErrorKind.Timeout => "time",
        FetchErrorKind.Receive => "disconnect",
        _ => "unspecified",
    };
}
