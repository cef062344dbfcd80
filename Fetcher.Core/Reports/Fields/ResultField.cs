namespace Fetcher.Core.Reports.Fields;

/// <summary>One field of a result without its value, as the documents describe it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Type">What its value is.</param>
/// <param name="About">A sentence about it.</param>
internal sealed record ResultField(string Name, FieldType Type, string About)
{
    /// <summary>Whether it may be null.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Whether JSON leaves it out where there is none.</summary>
    public bool IsOptional { get; init; }

    /// <summary>The smallest an integer may be.</summary>
    public long Minimum { get; init; }

    /// <summary>The largest an integer may be.</summary>
    public long Maximum { get; init; } = long.MaxValue;

    /// <summary>The regular expression that a text matches; null where it may be any.</summary>
    public string? Pattern { get; init; }

    /// <summary>Which definition of the JSON schema lists the texts that it may be; null where it may be any.</summary>
    public string? Definition { get; init; }

    /// <summary>What an object is made of.</summary>
    public IReadOnlyList<ResultField> Members { get; init; } = [];

    /// <summary>All fields in the order of a line of ndjson.</summary>
    public static IReadOnlyList<ResultField> All { get; } = List(isCsv: false);

    /// <summary>The columns of CSV in their order. A member of an object is called by both names: <c>error_kind</c>.</summary>
    public static IReadOnlyList<ResultField> Columns { get; } = [.. List(isCsv: true).SelectMany(field => field.Flat())];

    /// <summary>The field itself, or the members of an object under names that tell them from others.</summary>
    public IEnumerable<ResultField> Flat() =>
        Type == FieldType.Object ? Members.Select(member => member with { Name = $"{Name}_{member.Name}" }) : [this];

    private static List<ResultField> List(bool isCsv)
    {
        var list = new ResultFieldList([]);
        if (isCsv)
        {
            ResultFields.WriteColumnsTo(ref list, new FetchResult());
        }
        else
        {
            ResultFields.WriteTo(ref list, new FetchResult());
        }

        return list.Fields;
    }
}
