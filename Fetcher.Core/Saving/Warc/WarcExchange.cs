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

    /// <summary>How the response comes.</summary>
    public WarcForm Form { get; set; }

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
        if (Form == WarcForm.Chunked)
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

/// <summary>How a response comes over its connection.</summary>
internal enum WarcForm
{
    /// <summary>HTTP/1: the body is the payload.</summary>
    Plain,

    /// <summary>HTTP/1.1 with the body in chunks, whose framing is no part of the payload.</summary>
    Chunked,

    /// <summary>HTTP/2, whose header sections are recorded as HTTP/1.1 has them.</summary>
    Http2,
}
