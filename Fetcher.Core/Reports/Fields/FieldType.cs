namespace Fetcher.Core.Reports.Fields;

/// <summary>What the value of a field is.</summary>
internal enum FieldType
{
    Integer,

    /// <summary>Seconds, to the microsecond.</summary>
    Seconds,

    Boolean,

    Text,

    /// <summary>A text, or a number where the user wrote one.</summary>
    Id,

    /// <summary>Several values, each with a name.</summary>
    Object,

    /// <summary>A list of header fields, or of redirects.</summary>
    List,

    /// <summary>A list of texts.</summary>
    Texts,
}
