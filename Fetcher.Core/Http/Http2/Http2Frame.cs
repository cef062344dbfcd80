using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Fetcher.Core.Http.Http2;

/// <summary>Types of frames (RFC 9113, section 6). Others are ignored.</summary>
internal enum Http2FrameType : byte
{
    Data = 0x0,
    Headers = 0x1,
    Priority = 0x2,
    RstStream = 0x3,
    Settings = 0x4,
    PushPromise = 0x5,
    Ping = 0x6,
    GoAway = 0x7,
    WindowUpdate = 0x8,
    Continuation = 0x9,
}

/// <summary>Flags of frames; what a bit means depends on the type.</summary>
[Flags]
[SuppressMessage("Design", "CA1069:Enums values should not be duplicated", Justification = "A bit means one thing in SETTINGS and PING, and another in HEADERS and DATA.")]
internal enum Http2Flags : byte
{
    None = 0x0,
    EndStream = 0x1,
    Ack = 0x1,
    EndHeaders = 0x4,
    Padded = 0x8,
    Priority = 0x20,
}

/// <summary>Parameters of SETTINGS (RFC 9113, section 6.5.2).</summary>
internal enum Http2Setting : ushort
{
    HeaderTableSize = 0x1,
    EnablePush = 0x2,
    MaxConcurrentStreams = 0x3,
    InitialWindowSize = 0x4,
    MaxFrameSize = 0x5,
    MaxHeaderListSize = 0x6,
}

/// <summary>The nine bytes before each frame's payload (RFC 9113, section 4.1).</summary>
/// <param name="Length">Of the payload, in bytes.</param>
/// <param name="Type">What it is.</param>
/// <param name="Flags">What more it says.</param>
/// <param name="Stream">Which stream it is about; 0 for the connection.</param>
internal readonly record struct Http2FrameHeader(int Length, Http2FrameType Type, Http2Flags Flags, int Stream)
{
    /// <summary>How long it is.</summary>
    public const int Size = 9;

    public bool Has(Http2Flags flag) => (Flags & flag) != 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Http2FrameHeader Read(ReadOnlySpan<byte> from)
    {
        // All but the last byte of the stream.
        var first = BinaryPrimitives.ReadUInt64BigEndian(from);
        return new(
            (int)(first >> 40),
            (Http2FrameType)(first >> 32),
            (Http2Flags)(first >> 24),
            (int)(((uint)first << 8) | from[Size - 1]) & int.MaxValue);
    }

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt32BigEndian(to, ((uint)Length << 8) | (byte)Type);
        to[4] = (byte)Flags;
        BinaryPrimitives.WriteInt32BigEndian(to[5..], Stream);
    }
}
