using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

/// <summary>A socket address as the kernel lays it out: sockaddr_in (ip(7)) or sockaddr_in6 (ipv6(7)).</summary>
internal struct SockAddr
{
    /// <summary>Bytes of the longest address held.</summary>
    public const int Capacity = 28;

    private const int InetLength = 16;
    private const ushort Inet = 2, Inet6 = 10;

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

    /// <summary>Bytes in use.</summary>
    public readonly int Length => MemoryMarshal.Read<ushort>(_bytes) == Inet6 ? Capacity : InetLength;

    public readonly int Port => BinaryPrimitives.ReadUInt16BigEndian(((ReadOnlySpan<byte>)_bytes)[2..]);

    [InlineArray(Capacity)]
    private struct Storage
    {
        private byte _first;
    }
}
