using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Core.Reports.WriteOut;

/// <summary>Writes one of the fields as curl's <c>--write-out</c> writes a value: times with six decimals, null and what is absent as nothing.</summary>
/// <param name="place">Which one: how many fields and members of objects are before it.</param>
/// <param name="output">Where to.</param>
internal struct FieldValue(int place, IBufferWriter<byte> output) : IFieldWriter
{
    private int _before = place;
    private bool _isAbsent;

    /// <inheritdoc/>
    public void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum)
    {
        if (IsIt())
        {
            Write(value.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <inheritdoc/>
    public void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about)
    {
        if (IsIt())
        {
            Write(SecondsOf(nanoseconds));
        }
    }

    /// <inheritdoc/>
    public void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about)
    {
        if (IsIt())
        {
            Write(value ? "true" : "false");
        }
    }

    /// <inheritdoc/>
    public void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about)
    {
        if (IsIt())
        {
            output.Write(utf8);
        }
    }

    /// <inheritdoc/>
    public void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition)
    {
        if (IsIt())
        {
            Write(value);
        }
    }

    /// <inheritdoc/>
    public void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern)
    {
        if (IsIt())
        {
            Write(value);
        }
    }

    /// <inheritdoc/>
    public void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about)
    {
        if (IsIt())
        {
            Write(value?.Text);
        }
    }

    /// <inheritdoc/>
    public void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about)
    {
        if (IsIt())
        {
            Write(value);
        }
    }

    /// <inheritdoc/>
    public void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition)
    {
        if (IsIt())
        {
            output.Write(value.ToJson());
        }
    }

    /// <inheritdoc/>
    public bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about)
    {
        _isAbsent = !isPresent;
        return true;
    }

    /// <inheritdoc/>
    public void EndObject() => _isAbsent = false;

    /// <summary>A time as curl prints it.</summary>
    public static string SecondsOf(long nanoseconds) => (nanoseconds / 1e9m).ToString("F6", CultureInfo.InvariantCulture);

    private bool IsIt() => _before-- == 0 && !_isAbsent;

    private readonly void Write(string? text) => output.Write(Encoding.UTF8.GetBytes(text ?? ""));
}
