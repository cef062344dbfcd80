using System.Text;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Testing;

/// <summary>The fields of a header section as text.</summary>
internal static class HpackText
{
    /// <summary>All of them: "name: value, name: value".</summary>
    public static string Of(HpackSection section) => string.Join(", ", Enumerable.Range(0, section.Count).Select(i =>
        $"{Encoding.Latin1.GetString(section.NameAt(i))}: {Encoding.Latin1.GetString(section.ValueAt(i))}"));

    /// <summary>The value of the only field of that name.</summary>
    public static string Value(HpackSection section, string name) =>
        Encoding.ASCII.GetString(section.ValueAt(Enumerable.Range(0, section.Count).Single(i => Encoding.ASCII.GetString(section.NameAt(i)) == name)));
}
