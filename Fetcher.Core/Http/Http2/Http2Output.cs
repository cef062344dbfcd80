using System.Buffers.Binary;

namespace Fetcher.Core.Http.Http2;

/// <summary>Frames that are to be sent. While some are on their way, others gather behind them.</summary>
internal sealed class Http2Output
{
    private byte[] _gathering = new byte[1024];
    private byte[] _leaving = new byte[1024];
    private int _length;

    /// <summary>Whether there is nothing to send.</summary>
    public bool IsEmpty => _length == 0;

    /// <summary>How much there is to send, in bytes.</summary>
    public int Length => _length;

    /// <summary>Takes what there is. It stays as it is until the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        (_gathering, _leaving) = (_leaving, _gathering);
        var taken = _leaving.AsMemory(0, _length);
        _length = 0;
        return taken;
    }

    /// <summary>Writes bytes as they are.</summary>
    public void Write(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Room(bytes.Length));

    /// <summary>A request, whose header section is all there is of it.</summary>
    /// <param name="stream">Its stream.</param>
    /// <param name="section">The header section.</param>
    /// <param name="most">The longest payload that the server takes.</param>
    public void Headers(int stream, ReadOnlySpan<byte> section, int most)
    {
        var (type, flags) = (Http2FrameType.Headers, Http2Flags.EndStream);
        do
        {
            var part = section[..Math.Min(section.Length, most)];
            section = section[part.Length..];
            var room = Room(Http2FrameHeader.Size + part.Length);
            new Http2FrameHeader(part.Length, type, flags | (section.IsEmpty ? Http2Flags.EndHeaders : 0), stream).Write(room);
            part.CopyTo(room[Http2FrameHeader.Size..]);
            (type, flags) = (Http2FrameType.Continuation, Http2Flags.None);
        }
        while (!section.IsEmpty);
    }

    public void Settings(ReadOnlySpan<(Http2Setting Setting, uint Value)> settings)
    {
        Header(6 * settings.Length, Http2FrameType.Settings, Http2Flags.None, 0);
        foreach (var (setting, value) in settings)
        {
            var room = Room(6);
            BinaryPrimitives.WriteUInt16BigEndian(room, (ushort)setting);
            BinaryPrimitives.WriteUInt32BigEndian(room[2..], value);
        }
    }

    public void AcknowledgeSettings() => Header(0, Http2FrameType.Settings, Http2Flags.Ack, 0);

    public void AcknowledgePing(ReadOnlySpan<byte> data)
    {
        Header(data.Length, Http2FrameType.Ping, Http2Flags.Ack, 0);
        Write(data);
    }

    public void Ping(ulong data)
    {
        Header(8, Http2FrameType.Ping, Http2Flags.None, 0);
        BinaryPrimitives.WriteUInt64BigEndian(Room(8), data);
    }

    public void WindowUpdate(int stream, int increment)
    {
        Header(4, Http2FrameType.WindowUpdate, Http2Flags.None, stream);
        BinaryPrimitives.WriteInt32BigEndian(Room(4), increment);
    }

    public void Reset(int stream, Http2Error error)
    {
        Header(4, Http2FrameType.RstStream, Http2Flags.None, stream);
        BinaryPrimitives.WriteUInt32BigEndian(Room(4), (uint)error);
    }

    /// <summary>The last frame of a connection. A server opens no streams, so that none of its was processed.</summary>
    public void GoAway(Http2Error error)
    {
        Header(8, Http2FrameType.GoAway, Http2Flags.None, 0);
        var room = Room(8);
        BinaryPrimitives.WriteInt32BigEndian(room, 0);
        BinaryPrimitives.WriteUInt32BigEndian(room[4..], (uint)error);
    }

    private void Header(int length, Http2FrameType type, Http2Flags flags, int stream) =>
        new Http2FrameHeader(length, type, flags, stream).Write(Room(Http2FrameHeader.Size));

    private Span<byte> Room(int length)
    {
        if (_length + length > _gathering.Length)
        {
            Array.Resize(ref _gathering, Math.Max(_length + length, 2 * _gathering.Length));
        }

        _length += length;
        return _gathering.AsSpan(_length - length, length);
    }
}
