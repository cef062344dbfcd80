using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Core.Reports.WriteOut;

/// <summary>What <c>--write-out</c> says of the header section of the last response, as curl(1) has it.</summary>
internal static class WriteOutHeaders
{
    private const string All = ":all:";

    /// <summary>The variables of the kind.</summary>
    public static IReadOnlyList<string> Names { get; } = ["header_json", "num_headers"];

    /// <summary><c>%header{NAME}</c>: the first value of a field; <c>%header{NAME:all:SEPARATOR}</c>: all its values.</summary>
    /// <param name="text">What stands in the braces.</param>
    public static WriteOutVariable Header(string text)
    {
        var all = text.IndexOf(All, StringComparison.Ordinal);
        var name = all < 0 ? text : text[..all];
        var separator = all < 0 ? null : Encoding.UTF8.GetBytes(text[(all + All.Length)..]);
        return (output, result) =>
        {
            var any = false;
            for (var i = 0; i < result.Headers?.Count && (!any || separator is not null); i++)
            {
                if (Ascii.EqualsIgnoreCase(result.Headers.NameAt(i), name))
                {
                    output.Write(any ? separator : default);
                    output.Write(result.Headers.ValueAt(i));
                    any = true;
                }
            }
        };
    }

    /// <summary><c>%{num_headers}</c>.</summary>
    public static void WriteCount(IBufferWriter<byte> output, FetchResult result) =>
        output.Write(Encoding.ASCII.GetBytes((result.Headers?.Count ?? 0).ToString(CultureInfo.InvariantCulture)));

    /// <summary><c>%{header_json}</c>: an object with a list of values for each name, which is in lower case, in the order of their first appearance.</summary>
    public static void WriteJson(IBufferWriter<byte> output, FetchResult result)
    {
        var fields = Enumerable.Range(0, result.Headers?.Count ?? 0)
            .Select(i => (Name: Encoding.ASCII.GetString(result.Headers!.NameAt(i)).ToLowerInvariant(), Value: result.Headers.ValueAt(i).ToArray()))
            .GroupBy(field => field.Name, field => field.Value)
            .ToArray();
        var room = fields.Sum(field => Utf8Line.EscapedLength(field.Key) + 8 + field.Sum(value => Utf8Line.EscapedLength(value) + 1));
        var line = new Utf8Line(new byte[room + 2]);
        line.Raw("{"u8);
        foreach (var (place, field) in fields.Index())
        {
            line.Raw(place > 0 ? ","u8 : default);
            line.JsonString(field.Key);
            foreach (var (number, value) in field.Index())
            {
                line.Raw(number > 0 ? ","u8 : ":["u8);
                line.JsonString(value);
            }

            line.Raw("]"u8);
        }

        line.Raw("}"u8);
        output.Write(line.Written);
    }
}
