using System.Security.Cryptography;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving.Warc;

/// <summary>
/// One request and what answered it, on its way into the archive. A small body is held here, so that the exchange goes to the writing thread in one piece;
/// the bytes behind it are that thread's alone.
/// </summary>
internal sealed class WarcExchange(string url, DateTimeOffset date, byte[] request) : IDisposable
{
    /// <summary>Bytes of a body that are held at most.</summary>
    private const int MostHeld = 64 * 1024;

    private byte[] _held = [];
    private int _heldLength;
    private bool _isLong;
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

    /// <summary>Memory that it takes, in bytes.</summary>
    public int Size => request.Length + Head.Length + _held.Length;

    /// <summary>The beginning of the body as received: all of it, when it is short.</summary>
    public ReadOnlySpan<byte> Held => _held.AsSpan(0, _heldLength);

    /// <summary>What comes behind <see cref="Held"/>, as received.</summary>
    public Spool Rest { get; } = new();

    /// <summary>Bytes of the body.</summary>
    public long BodyLength => _heldLength + Rest.Length;

    /// <summary>Adds to a body that is short so far; copies the bytes. Called on the loop.</summary>
    /// <returns>False when it is long: these bytes, and all behind them, are for <see cref="Append"/>.</returns>
    public bool TryHold(ReadOnlySpan<byte> bytes)
    {
        _isLong |= _heldLength + bytes.Length > MostHeld;
        if (_isLong)
        {
            return false;
        }

        if (_heldLength + bytes.Length > _held.Length)
        {
            var larger = DiskBuffers.Pool.Rent(_heldLength + bytes.Length);
            Held.CopyTo(larger);
            GiveBackHeld();
            _held = larger;
        }

        bytes.CopyTo(_held.AsSpan(_heldLength));
        _heldLength += bytes.Length;
        return true;
    }

    /// <summary>Adds to a long body.</summary>
    /// <exception cref="IOException">There is no room for it.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (_payloadHash is null)
        {
            _payloadHash = WarcText.NewHash();
            HashPayload(_payloadHash, Held);
        }

        Rest.Append(bytes);
        HashPayload(_payloadHash, bytes);
    }

    /// <summary>
    /// The digest of the payload: the body without transfer coding and with its content coding (WARC 1.1, section 5.9; RFC 9110, section 6.4).
    /// </summary>
    /// <param name="hash">Takes a short body; empty before and afterwards.</param>
    public string PayloadDigest(IncrementalHash hash)
    {
        if (_payloadHash is null)
        {
            HashPayload(hash, Held);
        }

        return WarcText.DigestOf(_payloadHash ?? hash);
    }

    private void HashPayload(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        if (Form == WarcForm.Chunked)
        {
            HashChunks(hash, bytes);
        }
        else
        {
            hash.AppendData(bytes);
        }
    }

    private void HashChunks(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        // What is recorded has been decoded before, so its chunks are in order.
        while (_chunks.Decode(bytes, out var consumed, out var offset, out var length, out _) == ChunkStatus.Data)
        {
            hash.AppendData(bytes.Slice(offset, length));
            bytes = bytes[consumed..];
        }
    }

    private void GiveBackHeld()
    {
        if (_held.Length > 0)
        {
            DiskBuffers.Pool.Return(_held);
        }
    }

    public void Dispose()
    {
        GiveBackHeld();
        _held = [];
        Rest.Dispose();
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
