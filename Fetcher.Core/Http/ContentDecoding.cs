using System.IO.Compression;

namespace Fetcher.Core.Http;

/// <summary>Takes content codings off a body (RFC 9110, section 8.4.1), the last applied first.</summary>
internal static class ContentDecoding
{
    /// <summary>Wraps <paramref name="body"/> so that reading it gives decoded bytes, or fails as a body that cannot be decoded (curl's 61).</summary>
    /// <exception cref="FetchException">A coding is not known.</exception>
    public static Stream Decode(Stream body, ReadOnlySpan<ContentCoding> codings)
    {
        for (var i = codings.Length - 1; i >= 0; i--)
        {
            body = codings[i] switch
            {
                ContentCoding.Identity => body,
                ContentCoding.Gzip => new DecodedBodyStream("gzip", body, coded => new GZipStream(coded, CompressionMode.Decompress)),
                ContentCoding.Deflate => new DecodedBodyStream("deflate", body, coded => new DeflateBodyStream(coded)),
                ContentCoding.Brotli => new DecodedBodyStream("br", body, coded => new BrotliStream(coded, CompressionMode.Decompress)),
                _ => throw Failures.CodingUnknown.Of().Thrown(),
            };
        }

        return body;
    }
}
