using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fetcher.Lab;

/// <summary>How a fault ends.</summary>
internal enum LabFaultEnd
{
    /// <summary>With an RST.</summary>
    Reset,

    /// <summary>With a FIN; over TLS without a close_notify.</summary>
    Close,

    /// <summary>Not at all: silence until the client goes away.</summary>
    Stall,
}

/// <summary>
/// A broken answer, and what becomes of its connection, which in HTTP/2 is that of others too. What is no answer is written past the HTTP layer (inside TLS
/// if there is TLS).
/// </summary>
/// <param name="End">How it ends.</param>
/// <param name="Answer">What there is of an answer, as HTTP/1.1 has it.</param>
/// <param name="Body">What there is of its body, or null without an answer.</param>
/// <param name="Length">Its Content-Length, or null.</param>
internal sealed record LabFault(LabFaultEnd End, byte[] Answer, byte[]? Body = null, long? Length = null)
{
    private const int Announced = 64 << 10;

    private static readonly byte[] Half = HalfBody();

    private static readonly byte[] Part =
        [.. Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Announced}\r\n\r\n"), .. Half];

    /// <summary>The fault called <paramref name="name"/> in <c>/fault/NAME</c>, or null.</summary>
    public static LabFault? Find(string name) => name switch
    {
        "reset" => new(LabFaultEnd.Reset, Part, Half, Announced),
        "reset-before" => new(LabFaultEnd.Reset, []),
        "truncate" => new(LabFaultEnd.Close, Part, Half, Announced),
        "truncate-chunked" => new(
            LabFaultEnd.Close,
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n1000\r\nthis chunk is cut"u8.ToArray(),
            "whole"u8.ToArray()),
        "stall" => new(LabFaultEnd.Stall, Part, Half, Announced),
        "stall-head" => new(LabFaultEnd.Stall, []),
        "garbage" => new(LabFaultEnd.Close, "\u0016\u0003\u0001 this is no HTTP\n\n\0\0\0\0"u8.ToArray()),
        _ => null,
    };

    /// <summary>Plays the fault on the connection of <paramref name="context"/>, which ends with it.</summary>
    public async Task PlayAsync(HttpContext context)
    {
        var gone = context.RequestAborted;
        await (HttpProtocol.IsHttp2(context.Request.Protocol)
            ? AnswerByStreamAsync(context, gone)
            : context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output.WriteAsync(Answer, gone).AsTask());

        // An RST throws away what the kernel has not sent yet, and a FIN must not overtake the transport's own queue.
        await context.Features.GetRequiredFeature<CountedTransport>().DrainAsync(gone);
        if (End == LabFaultEnd.Close)
        {
            PacedConnection.Of(context).Socket.Shutdown(SocketShutdown.Send);
        }

        if (End != LabFaultEnd.Reset)
        {
            await Task.Delay(Timeout.Infinite, gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        if (End == LabFaultEnd.Stall)
        {
            context.Abort();
        }
        else
        {
            context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
        }
    }

    private async Task AnswerByStreamAsync(HttpContext context, CancellationToken gone)
    {
        if (Body is null)
        {
            await context.Features.GetRequiredFeature<FrameOutput>().InsertAsync(Answer, gone);
            return;
        }

        context.Response.ContentLength = Length;
        await context.Response.Body.WriteAsync(Body, gone);
    }

    private static byte[] HalfBody()
    {
        var bytes = new byte[Announced / 2];
        LabContent.Random(Announced, 0).CopyTo(0, bytes);
        return bytes;
    }
}
