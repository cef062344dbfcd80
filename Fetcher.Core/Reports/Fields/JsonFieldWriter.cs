using System.Runtime.CompilerServices;
using System.Text;

namespace Fetcher.Core.Reports.Fields;

/// <summary>Writes the fields of a result as members of a JSON object.</summary>
/// <param name="span">Room for all of it.</param>
internal ref struct JsonFieldWriter(Span<byte> span) : IFieldWriter
{
    private int _object;

    /// <summary>What is written.</summary>
    public Utf8Line Line = new(span);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum)
    {
        Line.JsonKey(name);
        Line.Number(value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about)
    {
        Line.JsonKey(name);
        Line.Seconds(nanoseconds);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about)
    {
        Line.JsonKey(name);
        Line.Raw(value ? "true"u8 : "false"u8);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about)
    {
        Line.JsonKey(name);
        Line.JsonString(utf8);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition)
    {
        Line.JsonKey(name);
        Line.JsonString(value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern)
    {
        Line.JsonKey(name);
        Line.JsonString(value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about)
    {
        if (value is not null)
        {
            WriteId(name, value);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about)
    {
        if (value is not null)
        {
            Line.JsonKey(name);
            Line.JsonString(value);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition)
    {
        if (!value.IsAbsent)
        {
            Line.JsonKey(name);
            value.WriteTo(ref Line);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about)
    {
        if (isPresent)
        {
            Line.JsonKey(name);
            _object = Line.Length;
        }
        else if (!isOptional)
        {
            Line.JsonKey(name);
            Line.Raw("null"u8);
        }

        return isPresent;
    }

    /// <inheritdoc/>
    public void EndObject() => Line.CloseObject(_object);

    private void WriteId(scoped ReadOnlySpan<byte> name, UrlId value)
    {
        Line.JsonKey(name);
        if (value.IsNumber)
        {
            Line.Raw(Encoding.ASCII.GetBytes(value.Text));
        }
        else
        {
            Line.JsonString(value.Text);
        }
    }
}
