using System.Buffers;
using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Fetcher.Core.Saving.Warc;

/// <summary>
/// Writes WARC 1.1 records (ISO 28500:2017) to a stream, each a gzip member of its own when asked to, so that a reader can begin at any of
/// them. Transfer coding stays in the blocks, and is no part of what payload digests are of (section 5.9).
/// </summary>
internal sealed class WarcRecords(Stream output, bool compress) : IDisposable
{
    private const string NotModified = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";

    /// <summary>A record of fewer bytes is compressed at the fastest level: to compress so little well takes longer, and makes it hardly smaller.</summary>
    private const int LeastWorthwhile = 64 * 1024;

    private readonly IncrementalHash _hash = WarcText.NewHash();
    private readonly ArrayBufferWriter<byte> _header = new(1024);
    private readonly WarcIds _ids = new();
    private string _infoId = "";
    private (long Second, string Text) _date;

    /// <summary>Writes the record that every file begins with.</summary>
    public void WriteInfo(string fileName, DateTimeOffset now)
    {
        _infoId = _ids.Next();
        var block = Encoding.UTF8.GetBytes(
            $"software: fetcher/{ThisAssembly.Version}\r\nformat: WARC File Format 1.1\r\n"
            + "conformsTo: http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/\r\n");
        WarcText.WriteHeader(
            _header,
            ("WARC-Type", "warcinfo"),
            ("WARC-Record-ID", _infoId),
            ("WARC-Date", DateOf(now)),
            ("WARC-Filename", fileName),
            ("WARC-Block-Digest", DigestOf(block)),
            ("Content-Type", "application/warc-fields"),
            ("Content-Length", Number(block.Length)));
        WriteRecord(block);
    }

    /// <summary>Writes a request and the response, or the revisit, that answered it; the request alone when nothing did.</summary>
    public void Write(WarcExchange exchange)
    {
        var (requestId, responseId) = (_ids.Next(), _ids.Next());
        var date = DateOf(exchange.Date);
        var isAnswered = exchange.Head.Length > 0;
        WarcText.WriteHeader(
            _header,
            ("WARC-Type", "request"),
            ("WARC-Record-ID", requestId),
            ("WARC-Date", date),
            ("WARC-Target-URI", exchange.Url),
            ("WARC-IP-Address", exchange.RemoteIp),
            ("WARC-Protocol", exchange.Form == WarcForm.Http2 ? "h2" : null),
            ("WARC-Concurrent-To", isAnswered ? responseId : null),
            ("WARC-Warcinfo-ID", _infoId),
            ("WARC-Block-Digest", DigestOf(exchange.Request)),
            ("Content-Type", "application/http; msgtype=request"),
            ("Content-Length", Number(exchange.Request.Length)));
        WriteRecord(exchange.Request);
        if (!isAnswered)
        {
            return;
        }

        WarcText.WriteHeader(
            _header,
            ("WARC-Type", exchange.IsRevisit ? "revisit" : "response"),
            ("WARC-Record-ID", responseId),
            ("WARC-Date", date),
            ("WARC-Target-URI", exchange.Url),
            ("WARC-IP-Address", exchange.RemoteIp),
            ("WARC-Protocol", exchange.Form == WarcForm.Http2 ? "h2" : null),
            ("WARC-Concurrent-To", requestId),
            ("WARC-Warcinfo-ID", _infoId),
            ("WARC-Profile", exchange.IsRevisit ? NotModified : null),
            ("WARC-Refers-To-Target-URI", exchange.IsRevisit ? exchange.Url : null),
            ("WARC-Block-Digest", DigestOf(exchange.Head, exchange.Held, exchange.Rest)),
            ("WARC-Payload-Digest", exchange.IsRevisit ? null : exchange.PayloadDigest(_hash)),
            ("WARC-Truncated", exchange.Truncated),
            ("Content-Type", "application/http; msgtype=response"),
            ("Content-Length", Number(exchange.Head.Length + exchange.BodyLength)));
        WriteRecord(exchange.Head, exchange.Held, exchange.Rest);
    }

    public void Dispose() => _hash.Dispose();

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>A record's date; many in a row have the same.</summary>
    private string DateOf(DateTimeOffset date)
    {
        var second = date.UtcTicks / TimeSpan.TicksPerSecond;
        if (_date.Text is null || _date.Second != second)
        {
            _date = (second, WarcText.Date(date));
        }

        return _date.Text;
    }

    private string DigestOf(byte[] block, ReadOnlySpan<byte> more = default, Spool? rest = null)
    {
        _hash.AppendData(block);
        _hash.AppendData(more);
        ForEachRun(rest, run => _hash.AppendData(run));
        return WarcText.DigestOf(_hash);
    }

    private static void ForEachRun(Spool? spool, Action<ReadOnlySpan<byte>> visit)
    {
        if (spool is null or { Length: 0 })
        {
            return;
        }

        var buffer = ArrayPool<byte>.Shared.Rent(64 * 1024);
        spool.Rewind();
        for (int length; (length = spool.Read(buffer)) > 0;)
        {
            visit(buffer.AsSpan(0, length));
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }

    private void WriteRecord(byte[] block, ReadOnlySpan<byte> more = default, Spool? rest = null)
    {
        if (!compress)
        {
            WriteTo(output, block, more, rest);
            return;
        }

        var length = _header.WrittenCount + block.Length + more.Length + (rest?.Length ?? 0);
        using var member = new GZipStream(output, length < LeastWorthwhile ? CompressionLevel.Fastest : CompressionLevel.Optimal, leaveOpen: true);
        WriteTo(member, block, more, rest);
    }

    private void WriteTo(Stream stream, byte[] block, ReadOnlySpan<byte> more, Spool? rest)
    {
        stream.Write(_header.WrittenSpan);
        stream.Write(block);
        stream.Write(more);
        ForEachRun(rest, stream.Write);
        stream.Write("\r\n\r\n"u8);
    }
}
