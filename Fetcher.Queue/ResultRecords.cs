using System.Buffers;
using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>
/// The results of a batch, of each only what differs from the one before: some 40 bytes each, which nothing has to compress. Reading back gives what a line of JSON
/// (<see cref="ResultLine"/>) would; times are rounded to microseconds as in reports.
/// </summary>
/// <remarks>
/// After the byte 7 come the records. Each begins with two sets of bits as numbers, one for the fields that are numbers and one for those that are texts, in the
/// order of <see cref="ResultRecordWriter"/>, the first field lowest: a bit is set where the field differs from that of the record before (at first: zero, and null).
/// Then come the values of these fields. Numbers are 7 bits a byte, the lowest first; a field has the difference from the record before, in zigzag. A text begins with a
/// number: 0 for null; 1 for the same as the text field before it in this record; 2 more than the bytes at its beginning that are those of the record before, and
/// behind that how many of the others at its end are, how many are between, and those.
/// </remarks>
internal sealed class ResultRecords : ResultPack
{
    /// <summary>No stream of DEFLATE begins with it: there are no blocks of type 11 (RFC 1951, section 3.2.3).</summary>
    private const byte Mark = 7;

    private readonly ResultRecordState _before = new();
    private readonly LineBuffer _records = new();
    private readonly LineBuffer _values = new();

    public ResultRecords() => Clear();

    /// <summary>Whether results are in this form.</summary>
    public static bool Are(ReadOnlySpan<byte> packed) => packed is [Mark, ..];

    /// <inheritdoc cref="ResultPack.Read"/>
    public static IEnumerable<FetchResult> ReadAll(ReadOnlyMemory<byte> packed, FetchResult into)
    {
        var before = new ResultRecordState();
        for (var rest = packed[1..]; !rest.IsEmpty;)
        {
            rest = rest[Read(rest.Span, before, into)..];
            yield return into;
        }
    }

    public override void Add(FetchResult result)
    {
        _values.Length = 0;
        var writer = new ResultRecordWriter(_before, _values);
        writer.Write(result);
        var record = _records.GetSpan((2 * ResultRecordWriter.MostNumberBytes) + _values.Length);
        var length = ResultRecordWriter.WriteNumber(record, writer.Numbers);
        length += ResultRecordWriter.WriteNumber(record[length..], writer.Texts);
        _values.Written.CopyTo(record[length..]);
        _records.Advance(length + _values.Length);
    }

    public override ReadOnlyMemory<byte> Pack() => _records.WrittenMemory;

    public override void Clear()
    {
        _before.Clear();
        _records.Length = 0;
        _records.Write([Mark]);
    }

    /// <returns>Bytes that were read.</returns>
    private static int Read(ReadOnlySpan<byte> record, ResultRecordState before, FetchResult into)
    {
        try
        {
            var reader = new ResultRecordReader(before, record);
            reader.ReadTo(into);
            return record.Length - reader.Left;
        }
        catch (Exception e) when (e is ArgumentException or OverflowException)
        {
            throw new InvalidDataException("results of a batch are cut short or garbled", e);
        }
    }
}
