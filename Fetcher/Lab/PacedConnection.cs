using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fetcher.Lab;

/// <summary>
/// An accepted connection whose sending rate the kernel limits (SO_MAX_PACING_RATE, socket(7)): bytes leave at that rate whatever the
/// server's own clock says, so a client that stops reading cannot catch up later.
/// </summary>
/// <remarks>
/// On loopback the kernel paces in steps of up to 64 KiB. The first step goes out at once, and the time of the last is owed by what
/// follows on the connection: the next answer starts up to 64 KiB / rate later.
/// </remarks>
internal sealed class PacedConnection(Socket socket)
{
    private const int SolSocket = 1;
    private const int SoMaxPacingRate = 47;

    private ulong _rate = ulong.MaxValue;

    /// <summary>The socket under the connection, under TLS too.</summary>
    public Socket Socket => socket;

    /// <summary>The connection that <paramref name="context"/>'s request came on.</summary>
    public static PacedConnection Of(HttpContext context) => context.Features.GetRequiredFeature<PacedConnection>();

    /// <summary>Limits all that is sent from now on.</summary>
    /// <param name="bytesPerSecond">The rate; 0 is no limit.</param>
    public void SetRate(long bytesPerSecond)
    {
        var rate = bytesPerSecond == 0 ? ulong.MaxValue : (ulong)bytesPerSecond;
        if (rate != _rate)
        {
            socket.SetRawSocketOption(SolSocket, SoMaxPacingRate, MemoryMarshal.AsBytes(new ReadOnlySpan<ulong>(in rate)));
            _rate = rate;
        }
    }
}
