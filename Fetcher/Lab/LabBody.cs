using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;
using ZstdSharp;

namespace Fetcher.Lab;

/// <summary>The ways to send a body.</summary>
internal static class LabBody
{
    private const int PieceSize = 64 << 10;

    /// <summary>Sends <paramref name="count"/> bytes from <paramref name="offset"/> on with a Content-Length, without a pause.</summary>
    public static Task SendAsync(HttpContext context, LabContent content, long offset, long count)
    {
        context.Response.ContentLength = count;
        return HttpMethods.IsHead(context.Request.Method) ? Task.CompletedTask : WriteAsync(context, content, offset, offset + count);
    }

    /// <summary>Sends the whole of <paramref name="content"/>.</summary>
    public static Task SendAsync(HttpContext context, LabContent content) => SendAsync(context, content, 0, content.Length);

    /// <summary>
    /// Sends the whole of <paramref name="content"/> with a Content-Length, in pieces by the clock. A late piece does not delay the next.
    /// </summary>
    public static async Task DripAsync(HttpContext context, LabContent content, LabDrip drip, TimeSpan interval)
    {
        context.Response.ContentLength = content.Length;
        if (HttpMethods.IsHead(context.Request.Method))
        {
            return;
        }

        await context.Response.StartAsync(context.RequestAborted);
        var start = TimeProvider.System.GetTimestamp();
        var pieces = Math.Clamp(drip.Pieces, 1, Math.Max(1, content.Length));
        for (long piece = 0, offset = 0; piece < pieces; piece++)
        {
            var early = (piece * interval) - TimeProvider.System.GetElapsedTime(start);
            if (early > TimeSpan.Zero)
            {
                await Task.Delay(early, context.RequestAborted);
            }

            var end = (long)((Int128)content.Length * (piece + 1) / pieces);
            await WriteAsync(context, content, offset, end);
            offset = end;
        }
    }

    /// <summary>Sends the whole of <paramref name="content"/> chunked, in chunks of <paramref name="chunkSize"/> bytes.</summary>
    public static async Task SendChunkedAsync(HttpContext context, LabContent content, int chunkSize)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(chunkSize);
        try
        {
            for (long offset = 0; offset < content.Length;)
            {
                var chunk = buffer.AsMemory(0, (int)Math.Min(chunkSize, content.Length - offset));
                content.CopyTo(offset, chunk.Span);
                await context.Response.Body.WriteAsync(chunk, context.RequestAborted);
                offset += chunk.Length;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends the whole of <paramref name="content"/> compressed on the way, chunked.</summary>
    public static async Task SendCompressedAsync(HttpContext context, LabContent content, string coding)
    {
        context.Response.Headers.ContentEncoding = coding;
        await using var encoder = Encoder(context.Response.Body, coding);
        for (long offset = 0; offset < content.Length;)
        {
            var piece = content.At(offset, PieceSize);
            await encoder.WriteAsync(piece, context.RequestAborted);
            offset += piece.Length;
        }
    }

    /// <summary>
    /// A stream that writes <paramref name="coding"/> to <paramref name="inner"/>. deflate is the zlib format (RFC 9110, section 8.4.1.2).
    /// </summary>
    public static Stream Encoder(Stream inner, string coding) => coding switch
    {
        "gzip" => new GZipStream(inner, CompressionLevel.Fastest, leaveOpen: true),
        "deflate" => new ZLibStream(inner, CompressionLevel.Fastest, leaveOpen: true),
        "br" => new BrotliStream(inner, CompressionLevel.Fastest, leaveOpen: true),
        "zstd" => new CompressionStream(inner),
        _ => throw new ArgumentOutOfRangeException(nameof(coding)),
    };

    private static async Task WriteAsync(HttpContext context, LabContent content, long offset, long end)
    {
        var begun = await PacedConnection.Of(context).BeginAsync(
            (from, to) => WriteRangeAsync(context, content, from, to), offset, end, context.RequestAborted);
        await WriteRangeAsync(context, content, begun, end);
    }

    private static async ValueTask<bool> WriteRangeAsync(HttpContext context, LabContent content, long offset, long end)
    {
        while (offset < end)
        {
            var piece = content.At(offset, Math.Min(PieceSize, end - offset));
            var result = await context.Response.BodyWriter.WriteAsync(piece, context.RequestAborted);
            if (result.IsCompleted)
            {
                return false;
            }

            offset += piece.Length;
        }

        return true;
    }
}
