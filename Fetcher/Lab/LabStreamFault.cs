using System.Buffers.Binary;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;

namespace Fetcher.Lab;

/// <summary>Faults that only HTTP/2 has: of one stream, or of the connection that all streams share.</summary>
internal static class LabStreamFault
{
    private const byte DataType = 0, GoAwayType = 7;

    // RFC 9113, section 7.
    private const int InternalError = 2, RefusedStream = 7;

    private const int FrameSize = 16 << 10, FramesAtOnce = 16;
    private const int Flood = 32 << 20;

    /// <summary>The fault called <paramref name="name"/> in <c>/fault/NAME</c>, or null.</summary>
    public static RequestDelegate? Find(string name) => name switch
    {
        "goaway" => OverHttp2(GoAwayAsync),
        "goaway-after" => OverHttp2(GoAwayAfterAsync),
        "rst-stream" => OverHttp2(ResetAsync),
        "refused" => OverHttp2(RefuseAsync),
        "no-window" => OverHttp2(FloodAsync),
        _ => null,
    };

    private static RequestDelegate OverHttp2(RequestDelegate fault) => context => HttpProtocol.IsHttp2(context.Request.Protocol)
        ? fault(context)
        : throw new BadHttpRequestException("this fault is one of HTTP/2");

    /// <summary>GOAWAY, by which neither this request nor a later one has been begun; those before it are answered still (RFC 9113, section 6.8).</summary>
    private static async Task GoAwayAsync(HttpContext context)
    {
        var payload = new byte[8];
        BinaryPrimitives.WriteInt32BigEndian(payload, Math.Max(0, StreamOf(context) - 2));
        await OutputOf(context).InsertAsync(FrameOutput.Frame(GoAwayType, 0, payload), context.RequestAborted);
        await Task.Delay(Timeout.Infinite, context.RequestAborted).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <summary>An answer, and GOAWAY: what has been begun is answered, and the next request needs another connection.</summary>
    private static Task GoAwayAfterAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
        return LabEcho.GetAsync(context);
    }

    /// <summary>The first half of a body, and RST_STREAM with INTERNAL_ERROR.</summary>
    private static async Task ResetAsync(HttpContext context)
    {
        var half = LabContent.Random(2 * FrameSize, 0).At(0, FrameSize);
        context.Response.ContentLength = 2 * FrameSize;
        await context.Response.Body.WriteAsync(half, context.RequestAborted);
        context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(InternalError);
    }

    /// <summary>RST_STREAM with REFUSED_STREAM: nothing was done, so that the client may ask again (RFC 9113, section 8.7).</summary>
    private static Task RefuseAsync(HttpContext context)
    {
        context.Features.GetRequiredFeature<IHttpResetFeature>().Reset(RefusedStream);
        return Task.CompletedTask;
    }

    /// <summary>A body that heeds none of the client's windows (RFC 9113, section 5.2.1).</summary>
    private static async Task FloodAsync(HttpContext context)
    {
        await context.Response.StartAsync(context.RequestAborted);
        var frame = FrameOutput.Frame(DataType, StreamOf(context), LabContent.Random(FrameSize, 0).At(0, FrameSize).Span);
        byte[] frames = [.. Enumerable.Repeat(frame, FramesAtOnce).SelectMany(bytes => bytes)];
        for (var sent = 0; sent < Flood; sent += FramesAtOnce * FrameSize)
        {
            await OutputOf(context).InsertAsync(frames, context.RequestAborted);
        }
    }

    private static int StreamOf(HttpContext context) => context.Features.GetRequiredFeature<IHttp2StreamIdFeature>().StreamId;

    private static FrameOutput OutputOf(HttpContext context) => context.Features.GetRequiredFeature<FrameOutput>();
}
