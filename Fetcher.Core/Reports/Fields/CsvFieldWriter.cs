using System.Runtime.CompilerServices;

namespace Fetcher.Core.Reports.Fields;

/// <summary>Writes the fields of a result as the columns of a line of CSV. The members of an object that is absent are empty columns.</summary>
/// <param name="span">Room for all of it.</param>
internal ref struct CsvFieldWriter(Span<byte> span) : IFieldWriter
{
    private bool _isAbsent;

    /// <summary>What is written.</summary>
    public Utf8Line Line = new(span);

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum)
    {
        Separate();
        if (!_isAbsent)
        {
            Line.Number(value);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about)
    {
        Separate();
        if (!_isAbsent)
        {
            Line.Seconds(nanoseconds);
        }
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about)
    {
        Separate();
        Line.Raw(_isAbsent ? default : value ? "true"u8 : "false"u8);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about)
    {
        Separate();
        Line.CsvField(utf8);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition)
    {
        Separate();
        Line.CsvField(value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern)
    {
        Separate();
        Line.CsvField(value);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about)
    {
        Separate();
        Line.CsvField(value?.Text);
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about)
    {
        Separate();
        Line.CsvField(value);
    }

    /// <inheritdoc/>
    public void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition)
    {
        Separate();
        Line.CsvField(value.ToJson());
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about)
    {
        _isAbsent = !isPresent;
        return true;
    }

    /// <inheritdoc/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void EndObject() => _isAbsent = false;

    private void Separate()
    {
        if (Line.Length > 0)
        {
            Line.Raw(","u8);
        }
    }
}
