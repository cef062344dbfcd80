using System.Security.Cryptography;

namespace Fetcher.Core.Saving.Warc;

/// <summary>One request and what answered it, on its way into the archive. Its body is the writing thread's alone.</summary>
internal sealed class WarcExchange(string url, DateTimeOffset date, byte[] request) : IDisposable
{
    private readonly IncrementalHash _payloadHash = WarcText.NewHash();

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

    /// <summary>The body as received.</summary>
    public Spool Body { get; } = new();

    /// <summary>Bytes of <see cref="Body"/>.</summary>
    public long BodyLength { get; private set; }

    /// <summary>Adds to the body.</summary>
    /// <exception cref="IOException">There is no room for it.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Body.Append(bytes);
        _payloadHash.AppendData(bytes);
        BodyLength += bytes.Length;
    }

    /// <summary>The digest of the body.</summary>
    public string PayloadDigest() => WarcText.Digest(_payloadHash.GetCurrentHash());

    public void Dispose()
    {
        Body.Dispose();
        _payloadHash.Dispose();
    }
}
