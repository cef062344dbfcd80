using System.Buffers.Binary;
using System.Text;

namespace Fetcher.Telemetry;

/// <summary>Writes messages in the wire format of protocol buffers (https://protobuf.dev/programming-guides/encoding/). One object for one message after the other.</summary>
internal sealed class ProtobufWriter
{
    private const int Varint = 0, Fixed64Bits = 1, LengthDelimited = 2, Fixed32Bits = 5;

    /// <summary>The length of a message stands before it and is known behind it: its room is always so many bytes, the most being 256 MiB.</summary>
    private const int LengthRoom = 4;

    private byte[] _bytes = new byte[16 * 1024];
    private int _length;

    /// <summary>What was written since the last <see cref="Clear"/>, lent until the next call.</summary>
    public ReadOnlyMemory<byte> Written => _bytes.AsMemory(0, _length);

    /// <summary>Begins anew.</summary>
    public void Clear() => _length = 0;

    /// <summary>Begins a message within the message.</summary>
    /// <returns>What <see cref="End"/> is given.</returns>
    public int Begin(int field)
    {
        Tag(field, LengthDelimited);
        Room(LengthRoom);
        _length += LengthRoom;
        return _length;
    }

    /// <summary>Ends it.</summary>
    public void End(int begun)
    {
        // The last byte says that the number ends, those before that it goes on, be their bits zero or not.
        var length = _length - begun;
        for (var i = 0; i < LengthRoom; i++, length >>= 7)
        {
            _bytes[begun - LengthRoom + i] = (byte)((length & 0x7F) | (i < LengthRoom - 1 ? 0x80 : 0));
        }
    }

    public void Integer(int field, long value)
    {
        Tag(field, Varint);
        Number((ulong)value);
    }

    public void Boolean(int field, bool value) => Integer(field, value ? 1 : 0);

    public void Fixed64(int field, long value)
    {
        Tag(field, Fixed64Bits);
        Fixed64(value);
    }

    public void Fixed32(int field, uint value)
    {
        Tag(field, Fixed32Bits);
        BinaryPrimitives.WriteUInt32LittleEndian(Room(sizeof(uint)), value);
        _length += sizeof(uint);
    }

    public void Double(int field, double value) => Fixed64(field, BitConverter.DoubleToInt64Bits(value));

    public void Text(int field, string value)
    {
        Tag(field, LengthDelimited);
        var length = Encoding.UTF8.GetByteCount(value);
        Number((ulong)length);
        _length += Encoding.UTF8.GetBytes(value, Room(length));
    }

    public void Bytes(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, LengthDelimited);
        Number((ulong)value.Length);
        value.CopyTo(Room(value.Length));
        _length += value.Length;
    }

    /// <summary>A list of numbers of 64 bits, packed.</summary>
    public void Fixed64List(int field, ReadOnlySpan<long> values)
    {
        Tag(field, LengthDelimited);
        Number((ulong)values.Length * sizeof(long));
        foreach (var value in values)
        {
            Fixed64(value);
        }
    }

    /// <inheritdoc cref="Fixed64List"/>
    public void DoubleList(int field, ReadOnlySpan<double> values)
    {
        Tag(field, LengthDelimited);
        Number((ulong)values.Length * sizeof(double));
        foreach (var value in values)
        {
            Fixed64(BitConverter.DoubleToInt64Bits(value));
        }
    }

    private void Fixed64(long value)
    {
        BinaryPrimitives.WriteInt64LittleEndian(Room(sizeof(long)), value);
        _length += sizeof(long);
    }

    private void Tag(int field, int wireType) => Number((uint)((field << 3) | wireType));

    private void Number(ulong value)
    {
        var to = Room(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7)
        {
            to[length++] = (byte)(value | 0x80);
        }

        to[length++] = (byte)value;
        _length += length;
    }

    private Span<byte> Room(int length)
    {
        if (_bytes.Length - _length < length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + length));
        }

        return _bytes.AsSpan(_length);
    }
}
