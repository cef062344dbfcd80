using System.IO.Compression;
using ZstdSharp;
using ZstdSharp.Unsafe;

namespace Fetcher.Core.Http;

/// <summary>Takes content codings off a body (RFC 9110, section 8.4.1), the last applied first.</summary>
internal static class ContentDecoding
{
    /// <summary>
    /// The largest window of zstd as a power of two, 8 MiB: what a decoder of this coding must support, and a coder may ask for (RFC 9659). A few bytes
    /// cannot make it take more memory.
    /// </summary>
    private const int ZstandardWindowLog = 23;

    /// <summary>Bytes of the coded body that the decoder of zstd takes at once.</summary>
    private const int ZstandardInput = 32 * 1024;

    /// <summary>Wraps <paramref name="body"/> so that reading it gives decoded bytes, or fails as a body that cannot be decoded (curl's 61).</summary>
    /// <param name="body">The coded body.</param>
    /// <param name="codings">Its codings, in the order in which they were applied.</param>
    /// <param name="giveWay">Lets others have their turn: a few bytes can make a body of any length.</param>
    /// <exception cref="FetchException">A coding is not known.</exception>
    public static Stream Decode(Stream body, ReadOnlySpan<ContentCoding> codings, Func<ValueTask> giveWay)
    {
        for (var i = codings.Length - 1; i >= 0; i--)
        {
            body = codings[i] switch
            {
                ContentCoding.Identity => body,
                ContentCoding.Gzip => new DecodedBodyStream("gzip", body, giveWay, coded => new GZipStream(coded, CompressionMode.Decompress)),
                ContentCoding.Deflate => new DecodedBodyStream("deflate", body, giveWay, coded => new DeflateBodyStream(coded)),
                ContentCoding.Brotli => new DecodedBodyStream("br", body, giveWay, coded => new BrotliStream(coded, CompressionMode.Decompress)),
                ContentCoding.Zstandard => new DecodedBodyStream("zstd", body, giveWay, Zstandard),
                _ => throw Failures.CodingUnknown.Of().Thrown(),
            };
        }

        return body;
    }

    private static DecompressionStream Zstandard(Stream coded)
    {
        var decoder = new DecompressionStream(coded, ZstandardInput);
        decoder.SetParameter(ZSTD_dParameter.ZSTD_d_windowLogMax, ZstandardWindowLog);
        return decoder;
    }
}
