using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Queue;

/// <summary>Writes the values of one record (<see cref="ResultRecords"/>): all fields of <see cref="ResultFields"/>, then what reports don't print.</summary>
/// <param name="before">The fields of the record before; then those of this one.</param>
/// <param name="values">Takes the values.</param>
internal ref struct ResultRecordWriter(ResultRecordState before, LineBuffer values) : IFieldWriter
{
    /// <summary>Bytes of a number of 64 bits.</summary>
    public const int MostNumberBytes = 10;

    /// <summary>More than all numbers take, and what stands before texts.</summary>
    private const int FixedRoom = 2048;

    /// <summary>Room behind the last text, of which the values since then have the first bytes.</summary>
    private Span<byte> _room = values.GetSpan(FixedRoom);
    private int _number, _text, _length;

    /// <summary>Which numbers differ from those of the record before.</summary>
    public ulong Numbers { get; private set; }

    /// <summary>Which texts do.</summary>
    public ulong Texts { get; private set; }

    /// <summary>Writes a number, 7 bits a byte, the lowest first.</summary>
    /// <returns>How many bytes it has.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int WriteNumber(Span<byte> to, ulong number)
    {
        var length = 0;
        for (; number > 0x7F; number >>= 7)
        {
            to[length++] = (byte)(number | 0x80);
        }

        to[length++] = (byte)number;
        return length;
    }

    /// <summary>Writes all fields.</summary>
    public void Write(FetchResult result)
    {
        ResultFields.WriteTo(ref this, result);

        // On a kept connection all times up to the request are one.
        Number(result.TimeBegin == result.TimeNameLookup ? -1 : result.TimeBegin);
        Number(result.RobotsTime);
        Number(result.Method == FetchMethod.Head ? 1 : 0);
        Number(result.Skipped ? 1 : 0);
        Number(result.EndedInPause ? 1 : 0);
        Text(result.ETag.Span);
        Text(result.LastModified.Span);
        values.Advance(_length);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum) => Number(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about) => Number((nanoseconds + 500) / 1000);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about) => Number(value ? 1 : 0);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about) => Text(utf8);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition) => Text(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern) => Text(value);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about) => Text(value);

    /// <inheritdoc/>
    public void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about)
    {
        Number(value is { IsNumber: true } ? 1 : 0);
        Text(value?.Text);
    }

    /// <inheritdoc/>
    public void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition)
    {
        if (value.IsAbsent)
        {
            Text((string?)null);
        }
        else
        {
            Text(value.ToJson());
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about)
    {
        Number(isPresent ? 1 : 0);
        return isPresent;
    }

    /// <inheritdoc/>
    public readonly void EndObject()
    {
        // Its members are fields like others.
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Number(long value)
    {
        ref var last = ref before.Numbers[_number];
        if (last != value)
        {
            Numbers |= 1UL << _number;
            _length += WriteNumber(_room[_length..], (ulong)Zigzag.Of(value - last));
            last = value;
        }

        _number++;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Text(string? value)
    {
        if (before.Texts[_text].IsSurely(value))
        {
            _text++;
        }
        else
        {
            WriteText(value);
        }
    }

    private void WriteText(string? value)
    {
        var field = before.Texts[_text];
        if (value is null)
        {
            WriteMark(0);
            field.SetNull();
            _text++;
        }
        else
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            Text(bytes);
            field.Set(bytes, value);
        }
    }

    private void Text(scoped ReadOnlySpan<byte> value)
    {
        var last = before.Texts[_text];
        if (!last.Is(value))
        {
            if (_text > 0 && before.Texts[_text - 1].Is(value))
            {
                WriteMark(1);
            }
            else
            {
                WriteParts(last.Bytes, value);
            }

            last.Set(value);
        }

        _text++;
    }

    private void WriteMark(ulong mark)
    {
        Texts |= 1UL << _text;
        _length += WriteNumber(_room[_length..], mark);
    }

    /// <summary>Writes a text by what it has in common with the one before, at its beginning and, of the other bytes, at its end.</summary>
    private void WriteParts(scoped ReadOnlySpan<byte> last, scoped ReadOnlySpan<byte> text)
    {
        var (head, tail) = UrlColumns.Common(last, text);
        var middle = text[head..^tail];
        WriteMark((ulong)head + 2);
        _length += WriteNumber(_room[_length..], (ulong)tail);
        _length += WriteNumber(_room[_length..], (ulong)middle.Length);
        values.Advance(_length);
        values.Write(middle);
        _room = values.GetSpan(FixedRoom);
        _length = 0;
    }
}
