using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Fetcher.Core.Interop;

/// <summary>A socket address as the kernel lays it out: sockaddr_in (ip(7)), sockaddr_in6 (ipv6(7)) or sockaddr_un (unix(7)).</summary>
internal struct SockAddr
{
    /// <summary>Bytes of the longest address held.</summary>
    public const int Capacity = 110;

    /// <summary>Longest path of a Unix socket, in bytes; a NUL follows it.</summary>
    public const int MaxUnixPath = Capacity - 3;

    private const ushort Local = 1, Inet = 2, Inet6 = 10;
    private const int InetLength = 16, Inet6Length = 28;

    private Storage _bytes;

    public SockAddr(IPAddress address, int port)
    {
        Span<byte> bytes = _bytes;
        var ipv6 = address.AddressFamily == AddressFamily.InterNetworkV6;
        MemoryMarshal.Write(bytes, ipv6 ? Inet6 : Inet);
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], (ushort)port);
        address.TryWriteBytes(bytes[(ipv6 ? 8 : 4)..], out _);
        if (ipv6)
        {
            MemoryMarshal.Write(bytes[24..], (uint)address.ScopeId);
        }
    }

    /// <param name="unixPath">Path of a Unix socket, of at most <see cref="MaxUnixPath"/> bytes.</param>
    public SockAddr(string unixPath)
    {
        Span<byte> bytes = _bytes;
        MemoryMarshal.Write(bytes, Local);
        Encoding.UTF8.GetBytes(unixPath, bytes[2..^1]);
    }

    public readonly AddressFamily Family => Kind switch
    {
        Local => AddressFamily.Unix,
        Inet6 => AddressFamily.InterNetworkV6,
        _ => AddressFamily.InterNetwork,
    };

    /// <summary>Bytes in use.</summary>
    public readonly int Length => Kind switch
    {
        Local => Capacity,
        Inet6 => Inet6Length,
        _ => InetLength,
    };

    /// <summary>The port; 0 for a Unix socket.</summary>
    public readonly int Port => Kind == Local ? 0 : BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)_bytes)[2..]);

    private readonly ushort Kind => MemoryMarshal.Read<ushort>(_bytes);

    [InlineArray(Capacity)]
    private struct Storage
    {
        private byte _first;
    }
}
