using System.Buffers.Binary;
using System.Text;

namespace Fetcher.Tests.Telemetry;

/// <summary>A message of protocol buffers, taken apart without knowing what it is (https://protobuf.dev/programming-guides/encoding/).</summary>
internal sealed class ProtoMessage
{
    private readonly List<(int Field, ulong Number, byte[] Bytes)> _fields = [];

    public ProtoMessage(byte[] bytes)
    {
        for (var at = 0; at < bytes.Length;)
        {
            var tag = Varint(bytes, ref at);
            var field = (int)(tag >> 3);
            switch (tag & 7)
            {
                case 0:
                    _fields.Add((field, Varint(bytes, ref at), []));
                    break;
                case 1:
                    _fields.Add((field, BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(at, 8)), []));
                    at += 8;
                    break;
                case 2:
                    var length = (int)Varint(bytes, ref at);
                    _fields.Add((field, 0, bytes.AsSpan(at, length).ToArray()));
                    at += length;
                    break;
                case 5:
                    _fields.Add((field, BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at, 4)), []));
                    at += 4;
                    break;
                default:
                    throw new InvalidDataException($"wire type {tag & 7} at {at} of {bytes.Length}");
            }
        }
    }

    public bool Has(int field) => _fields.Any(each => each.Field == field);

    public ulong Number(int field) => _fields.Where(each => each.Field == field).Select(each => each.Number).LastOrDefault();

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Number(field));

    public byte[] Bytes(int field) => _fields.Where(each => each.Field == field).Select(each => each.Bytes).LastOrDefault([]);

    public string Text(int field) => Encoding.UTF8.GetString(Bytes(field));

    public string Hex(int field) => Convert.ToHexStringLower(Bytes(field));

    public IEnumerable<ProtoMessage> All(int field) => _fields.Where(each => each.Field == field).Select(each => new ProtoMessage(each.Bytes));

    public ProtoMessage One(int field) => All(field).Single();

    /// <summary>A packed list of numbers of 64 bits.</summary>
    public IEnumerable<ulong> Packed(int field) => Bytes(field).Chunk(8).Select(each => BinaryPrimitives.ReadUInt64LittleEndian(each));

    /// <summary>The attributes in a field, each a KeyValue of OpenTelemetry.</summary>
    public Dictionary<string, object> Attributes(int field) => All(field).ToDictionary(each => each.Text(1), each => Any(each.One(2)));

    private static object Any(ProtoMessage value) =>
        value.Has(1) ? value.Text(1)
        : value.Has(2) ? value.Number(2) != 0
        : value.Has(3) ? (object)(long)value.Number(3)
        : value.Double(4);

    private static ulong Varint(byte[] bytes, ref int at)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = bytes[at++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }
}
