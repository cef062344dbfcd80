using System.Security.Cryptography;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving.Warc;

/// <summary>One request and what answered it, on its way into the archive. Its body is the writing thread's alone.</summary>
internal sealed class WarcExchange(string url, DateTimeOffset date, byte[] request) : IDisposable
{
    private IncrementalHash? _payloadHash;
    private ChunkedDecoder _chunks;

    /// <summary>The URL that was asked for.</summary>
    public string Url => url;

    /// <summary>When the request was sent, UTC.</summary>
    public DateTimeOffset Date => date;

    /// <summary>The request as sent.</summary>
    public byte[] Request => request;

    /// <summary>The response's header section as received; empty when none came.</summary>
    public byte[] Head { get; set; } = [];

    /// <summary>Address of the server, or null.</summary>
    public string? RemoteIp { get; set; }

    /// <summary>Why the body is not whole: a value of WARC-Truncated; null when it is.</summary>
    public string? Truncated { get; set; }

    /// <summary>Whether the server said that nothing has changed since an earlier run.</summary>
    public bool IsRevisit { get; set; }

    /// <summary>Whether it was HTTP/2, whose header sections are recorded as HTTP/1.1 has them.</summary>
    public bool IsHttp2 { get; set; }

    /// <summary>Whether the body comes in chunks, which are no part of the payload.</summary>
    public bool IsChunked { get; set; }

    /// <summary>The body as received.</summary>
    public Spool Body { get; } = new();

    /// <summary>Bytes of <see cref="Body"/>.</summary>
    public long BodyLength { get; private set; }

    /// <summary>Adds to the body.</summary>
    /// <exception cref="IOException">There is no room for it.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Body.Append(bytes);
        BodyLength += bytes.Length;
        if (IsChunked)
        {
            HashChunks(bytes);
        }
        else
        {
            (_payloadHash ??= WarcText.NewHash()).AppendData(bytes);
        }
    }

    /// <summary>
    /// The digest of the payload: the body without transfer coding and with its content coding (WARC 1.1, section 5.9; RFC 9110, section 6.4).
    /// </summary>
    public string PayloadDigest() => WarcText.Digest((_payloadHash ??= WarcText.NewHash()).GetCurrentHash());

    private void HashChunks(ReadOnlySpan<byte> bytes)
    {
        // What is recorded has been decoded before, so its chunks are in order.
        while (_chunks.Decode(bytes, out var consumed, out var offset, out var length, out _) == ChunkStatus.Data)
        {
            (_payloadHash ??= WarcText.NewHash()).AppendData(bytes.Slice(offset, length));
            bytes = bytes[consumed..];
        }
    }

    public void Dispose()
    {
        Body.Dispose();
        _payloadHash?.Dispose();
    }
}
