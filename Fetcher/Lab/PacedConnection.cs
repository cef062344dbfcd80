using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;

namespace Fetcher.Lab;

/// <summary>
/// An accepted connection whose sending rate the kernel limits (SO_MAX_PACING_RATE, socket(7)): bytes leave at that rate whatever the
/// server's own clock says, so a client that stops reading cannot catch up later.
/// </summary>
/// <remarks>
/// The kernel lets the first ten segments of a connection go at once (tcp_update_skb_after_send of net/ipv4/tcp_output.c), and later so many at a time as it
/// may have under way, ten or more. On loopback that would be 640 KiB; with segments as on an Ethernet path it is 14 KiB. So short bodies, and the
/// beginnings of long ones, are handed to it by the clock.
/// </remarks>
internal sealed class PacedConnection(Socket socket)
{
    /// <summary>Bytes in a segment of an Ethernet path: 1,500 without the headers of IPv4 and TCP, and without TCP's timestamps.</summary>
    public const int SegmentSize = 1448;

    private const int SolSocket = 1, IpProtoTcp = 6;
    private const int SoMaxPacingRate = 47, TcpMaxSegment = 2, TcpInfo = 11;
    private const int TimestampOption = 12;
    private const int TcpInfoDataSegmentsOut = 156;
    private const int UnpacedSegments = 10;

    /// <summary>A body of which ten segments are a thirtieth or more is sent by the clock as a whole.</summary>
    private const int ShortBody = 30 * UnpacedSegments * SegmentSize;

    private ulong _rate = ulong.MaxValue;

    /// <summary>The socket under the connection, under TLS too.</summary>
    public Socket Socket => socket;

    /// <summary>Makes the socket that listens; what it accepts sends segments of <see cref="SegmentSize"/> (tcp(7), TCP_MAXSEG).</summary>
    public static Socket CreateListener(EndPoint endpoint)
    {
        var listener = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        var most = SegmentSize + TimestampOption;
        listener.SetRawSocketOption(IpProtoTcp, TcpMaxSegment, MemoryMarshal.AsBytes(new ReadOnlySpan<int>(in most)));
        return listener;
    }

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

    /// <summary>Sends a short body by the clock, and of a long one as much as the kernel would let go at once.</summary>
    /// <param name="write">Sends bytes from one offset to another; false when nobody takes them.</param>
    /// <param name="offset">Where the body begins.</param>
    /// <param name="end">Where it ends.</param>
    /// <param name="cancellation">Cancelled when the client has gone.</param>
    /// <returns>How far it was sent.</returns>
    public async ValueTask<long> BeginAsync(Func<long, long, ValueTask<bool>> write, long offset, long end, CancellationToken cancellation)
    {
        if (_rate == ulong.MaxValue)
        {
            return offset;
        }

        if (end - offset > ShortBody)
        {
            end = offset + ((long)SegmentSize * Math.Max(0, UnpacedSegments - DataSegmentsOut()));
        }

        var (started, first) = (Stopwatch.GetTimestamp(), offset);
        while (offset < end)
        {
            // A late piece is as much larger, so that the rate holds whatever the timer does.
            var due = first + (long)(Stopwatch.GetElapsedTime(started).TotalSeconds * _rate);
            var next = Math.Min(end, due);
            if (next > offset && !await write(offset, next))
            {
                return end;
            }

            offset = Math.Max(offset, next);
            await Task.Delay(1, cancellation);
        }

        return offset;
    }

    /// <summary>tcpi_data_segs_out of linux/tcp.h, since Linux 4.6.</summary>
    private int DataSegmentsOut()
    {
        Span<byte> info = stackalloc byte[TcpInfoDataSegmentsOut + sizeof(uint)];
        socket.GetRawSocketOption(IpProtoTcp, TcpInfo, info);
        return (int)Math.Min(UnpacedSegments, BinaryPrimitives.ReadUInt32LittleEndian(info[TcpInfoDataSegmentsOut..]));
    }
}
