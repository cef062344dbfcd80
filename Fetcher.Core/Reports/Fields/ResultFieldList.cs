using System.Text;

namespace Fetcher.Core.Reports.Fields;

/// <summary>Notes what is said about each field, whatever its value.</summary>
/// <param name="fields">Where to.</param>
internal struct ResultFieldList(List<ResultField> fields) : IFieldWriter
{
    private readonly List<ResultField> _all = fields;

    /// <summary>Where the next goes: the members of an object, or all.</summary>
    private List<ResultField> _fields = fields;

    /// <summary>The fields so far.</summary>
    public readonly List<ResultField> Fields => _all;

    /// <inheritdoc/>
    public readonly void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum, long maximum) =>
        Add(name, FieldType.Integer, about, field => field with { Minimum = minimum, Maximum = maximum });

    /// <inheritdoc/>
    public readonly void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about) => Add(name, FieldType.Seconds, about);

    /// <inheritdoc/>
    public readonly void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about) => Add(name, FieldType.Boolean, about);

    /// <inheritdoc/>
    public readonly void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about) => Add(name, FieldType.Text, about);

    /// <inheritdoc/>
    public readonly void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition) =>
        Add(name, FieldType.Text, about, field => field with { Definition = definition });

    /// <inheritdoc/>
    public readonly void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern) =>
        Add(name, FieldType.Text, about, field => field with { IsNullable = true, Pattern = pattern });

    /// <inheritdoc/>
    public readonly void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about) =>
        Add(name, FieldType.Id, about, field => field with { IsOptional = true });

    /// <inheritdoc/>
    public readonly void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about) =>
        Add(name, FieldType.Text, about, field => field with { IsOptional = true });

    /// <inheritdoc/>
    public readonly void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition) =>
        Add(name, FieldType.List, about, field => field with { IsOptional = true, Definition = definition });

    /// <inheritdoc/>
    public bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about)
    {
        var members = new List<ResultField>();
        _all.Add(new ResultField(Encoding.ASCII.GetString(name), FieldType.Object, about)
        {
            IsOptional = isOptional,
            IsNullable = !isOptional,
            Members = members,
        });
        _fields = members;
        return true;
    }

    /// <inheritdoc/>
    public void EndObject() => _fields = _all;

    private readonly void Add(ReadOnlySpan<byte> name, FieldType type, string about, Func<ResultField, ResultField>? more = null)
    {
        var field = new ResultField(Encoding.ASCII.GetString(name), type, about);
        _fields.Add(more?.Invoke(field) ?? field);
    }
}
