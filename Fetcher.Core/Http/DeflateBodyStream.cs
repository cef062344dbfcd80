using System.IO.Compression;

namespace Fetcher.Core.Http;

/// <summary>
/// Content coding <c>deflate</c>: the zlib format by the standard, raw deflate from servers that took the name at its word. The first two bytes tell:
/// a zlib header is a multiple of 31 with method 8 (RFC 1950, section 2.2).
/// </summary>
internal sealed class DeflateBodyStream(Stream body) : AsyncReadStream
{
    private Stream? _decoder;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_decoder is null)
        {
            var start = new byte[2];
            var length = await body.ReadAtLeastAsync(start, 2, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            var whole = new PrefixedStream(start.AsMemory(0, length), body);
            var isZlib = length == 2 && (start[0] & 0x0F) == 8 && ((start[0] << 8) | start[1]) % 31 == 0;
            _decoder = isZlib ? new ZLibStream(whole, CompressionMode.Decompress) : new DeflateStream(whole, CompressionMode.Decompress);
        }

        return await _decoder.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
    }
}

/// <summary>Bytes that were read ahead, and then the rest of their stream.</summary>
internal sealed class PrefixedStream(ReadOnlyMemory<byte> prefix, Stream rest) : AsyncReadStream
{
    private ReadOnlyMemory<byte> _prefix = prefix;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_prefix.IsEmpty)
        {
            return rest.ReadAsync(buffer, cancellationToken);
        }

        var length = Math.Min(buffer.Length, _prefix.Length);
        _prefix[..length].CopyTo(buffer);
        _prefix = _prefix[length..];
        return ValueTask.FromResult(length);
    }
}
