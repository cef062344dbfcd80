namespace Fetcher.Core.Reports.Fields;

/// <summary>
/// Is handed the fields of a result one after the other, in their order (<see cref="ResultFields"/>). An implementation is a struct: the compiler then
/// makes one method of the list and of it, which costs no more than a list written down in the implementation itself.
/// </summary>
/// <remarks>
/// Each method takes the name, the value and what the documents say about the field. Names are ASCII. The members of an object come between
/// <see cref="BeginObject"/> and <see cref="EndObject"/>.
/// </remarks>
internal interface IFieldWriter
{
    /// <summary>A whole number within the bounds given.</summary>
    void Integer(scoped ReadOnlySpan<byte> name, long value, string about, long minimum = 0, long maximum = long.MaxValue);

    /// <summary>A time in nanoseconds, not negative; printed in seconds.</summary>
    void Seconds(scoped ReadOnlySpan<byte> name, long nanoseconds, string about);

    void Boolean(scoped ReadOnlySpan<byte> name, bool value, string about);

    /// <summary>A text in UTF-8, never null.</summary>
    void Text(scoped ReadOnlySpan<byte> name, scoped ReadOnlySpan<byte> utf8, string about);

    /// <summary>A text, never null.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Its value; null only within an object that is absent.</param>
    /// <param name="about">What the documents say.</param>
    /// <param name="definition">Which definition of the JSON schema lists the texts that it may be; null where it may be any.</param>
    void Text(scoped ReadOnlySpan<byte> name, string? value, string about, string? definition = null);

    /// <summary>A text or null.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="about">What the documents say.</param>
    /// <param name="pattern">The regular expression that the text matches; null where it may be any.</param>
    void TextOrNull(scoped ReadOnlySpan<byte> name, string? value, string about, string? pattern = null);

    /// <summary>A text or a number; JSON leaves the field out when it is null.</summary>
    void Id(scoped ReadOnlySpan<byte> name, UrlId? value, string about);

    /// <summary>A text; JSON leaves the field out when it is null.</summary>
    void TextIfAny(scoped ReadOnlySpan<byte> name, string? value, string about);

    /// <summary>A list; JSON leaves the field out when it is absent, and what knows no lists has it as JSON.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="value">Its value.</param>
    /// <param name="about">What the documents say.</param>
    /// <param name="definition">Which definition of the JSON schema describes it.</param>
    void List(scoped ReadOnlySpan<byte> name, ListValue value, string about, string definition);

    /// <summary>Several values under one name, among them a text called <c>kind</c>.</summary>
    /// <param name="name">The field's name.</param>
    /// <param name="isPresent">Whether there are values.</param>
    /// <param name="isOptional">Whether JSON leaves the field out when there are none; else it is null.</param>
    /// <param name="about">What the documents say.</param>
    /// <returns>Whether the members are wanted.</returns>
    bool BeginObject(scoped ReadOnlySpan<byte> name, bool isPresent, bool isOptional, string about);

    void EndObject();
}
