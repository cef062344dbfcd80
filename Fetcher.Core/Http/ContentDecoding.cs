using System.IO.Compression;

namespace Fetcher.Core.Http;

/// <summary>Takes content codings off a body (RFC 9110, section 8.4.1), the last applied first.</summary>
internal static class ContentDecoding
{
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
                _ => throw Failures.CodingUnknown.Of().Thrown(),
            };
        }

        return body;
    }
}
