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

/// <summary>A broken answer: bytes written past the HTTP layer (inside TLS if there is TLS), and what becomes of the connection.</summary>
internal sealed record LabFault(byte[] Bytes, LabFaultEnd End)
{
    private const int Announced = 64 << 10;
    private const int Sent = Announced / 2;

    private static readonly byte[] Part = WithLength();

    /// <summary>The fault called <paramref name="name"/> in <c>/fault/NAME</c>, or null.</summary>
    public static LabFault? Find(string name) => name switch
    {
        "reset" => new(Part, LabFaultEnd.Reset),
        "reset-before" => new([], LabFaultEnd.Reset),
        "truncate" => new(Part, LabFaultEnd.Close),
        "truncate-chunked" => new(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n1000\r\nthis chunk is cut"u8.ToArray(), LabFaultEnd.Close),
        "stall" => new(Part, LabFaultEnd.Stall),
        "stall-head" => new([], LabFaultEnd.Stall),
        "garbage" => new("\u0016\u0003\u0001 this is no HTTP\n\n\0\0\0\0"u8.ToArray(), LabFaultEnd.Close),
        _ => null,
    };

    /// <summary>Plays the fault on the connection of <paramref name="context"/>, which ends with it.</summary>
    public async Task PlayAsync(HttpContext context)
    {
        var gone = context.RequestAborted;
        await context.Features.GetRequiredFeature<IConnectionTransportFeature>().Transport.Output.WriteAsync(Bytes, gone);

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

        context.Abort();
    }

    private static byte[] WithLength()
    {
        var head = Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {Announced}\r\n\r\n");
        var bytes = new byte[head.Length + Sent];
        head.CopyTo(bytes, 0);
        LabContent.Random(Announced, 0).CopyTo(0, bytes.AsSpan(head.Length));
        return bytes;
    }
}
