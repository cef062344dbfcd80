using System.Buffers;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Reports.WriteOut;

namespace Fetcher.Tests.Reports;

/// <summary>ndjson, json, CSV and --write-out say the same of a result: what the one list of its fields says.</summary>
public sealed class ResultFieldsTests
{
    private static readonly FetchResult Everything = MakeEverything();

    [Fact]
    public void A_line_of_ndjson_has_every_field_in_the_order_of_the_list()
    {
        var line = Line(Everything).RootElement;

        line.EnumerateObject().Select(key => key.Name).ShouldBe(ResultField.All.Select(field => field.Name));
        foreach (var field in ResultField.All.Where(field => field.Type == FieldType.Object))
        {
            line.GetProperty(field.Name).EnumerateObject().Select(key => key.Name).ShouldBe(field.Members.Select(member => member.Name));
        }
    }

    [Fact]
    public void What_is_absent_is_null_or_left_out_as_the_list_says()
    {
        var line = Line(new FetchResult()).RootElement;

        line.EnumerateObject().Select(key => key.Name).ShouldBe(ResultField.All.Where(field => !field.IsOptional).Select(field => field.Name));
        line.EnumerateObject().Where(key => key.Value.ValueKind == JsonValueKind.Null).Select(key => key.Name)
            .ShouldBe(ResultField.All.Where(field => field.IsNullable).Select(field => field.Name));
    }

    [Fact]
    public void A_field_is_written_when_it_is_the_only_one_that_there_is()
    {
        foreach (var property in typeof(FetchResult).GetProperties().Where(property => property.CanWrite))
        {
            var result = new FetchResult();
            property.SetValue(result, property.GetValue(Everything));
            var bytes = new byte[4096];
            var writer = new JsonFieldWriter(bytes);
            ResultFields.WriteTo(ref writer, result);
            writer.Line.CloseObject(0);

            Sample.Write(new NdjsonReport(), result).TrimEnd('\n').ShouldBe(Encoding.UTF8.GetString(writer.Line.Written), property.Name);
        }
    }

    [Fact]
    public void Each_value_is_of_the_type_that_the_list_says()
    {
        var line = Line(Everything).RootElement;

        foreach (var (field, value) in ResultField.All.SelectMany(field => Leaves(field, line)))
        {
            var kind = value.ValueKind is JsonValueKind.True or JsonValueKind.False ? FieldType.Boolean
                : value.ValueKind == JsonValueKind.String ? FieldType.Text
                : value.ValueKind == JsonValueKind.Array ? FieldType.List
                : value.TryGetInt64(out _) ? FieldType.Integer : FieldType.Seconds;
            kind.ShouldBe(field.Type == FieldType.Id ? FieldType.Text : field.Type, field.Name);
        }
    }

    [Fact]
    public void CSV_has_a_column_for_each_field_and_member_with_the_same_value()
    {
        var report = Sample.WriteAll(new CsvReport(), Sample.Run(), Everything).Split('\n');
        var columns = report[0].Split(',').Zip(report[1].Split(','), KeyValuePair.Create).ToDictionary();

        columns.Keys.ShouldBe(ResultField.All.SelectMany(field => field.Flat()).Select(field => field.Name), ignoreOrder: true);
        foreach (var (field, value) in ResultField.All.SelectMany(field => Leaves(field, Line(Everything).RootElement)))
        {
            columns[field.Name].ShouldBe(value.ToString() is "True" or "False" ? value.GetRawText() : value.ToString(), field.Name);
        }
    }

    [Fact]
    public void Each_column_of_CSV_is_a_variable_with_the_same_value()
    {
        var report = Sample.WriteAll(new CsvReport(), Sample.Run(), Everything).Split('\n');
        foreach (var (name, value) in report[0].Split(',').Zip(report[1].Split(',')))
        {
            WriteOut(name, Everything).ShouldBe(value, name);
        }
    }

    [Fact]
    public void Each_field_is_a_variable_and_an_object_stands_for_its_kind()
    {
        WriteOutTemplate.Parse(string.Concat(ResultField.All.Select(field => $"%{{{field.Name}}}"))).Unknown.ShouldBeEmpty();
        WriteOut("error", Everything).ShouldBe("too_large");
        WriteOut("stall_blocker", Everything).ShouldBe("blocking read");
    }

    [Fact]
    public void A_variable_of_what_is_absent_is_empty() =>
        ((string[])["error", "error_message", "stall_blocker", "stall_blocker_transfer", "stall_blocker_cost", "id", "worker", "sha256", "headers", "redirects", "trace_id"])
            .Select(name => WriteOut(name, new FetchResult())).ShouldAllBe(value => value == "");

    [Fact]
    public void Everything_that_is_known_of_a_result_is_a_field_or_has_its_reason()
    {
        var reasons = new Dictionary<string, string>
        {
            [nameof(FetchResult.Method)] = "the user's own, and a variable of curl's",
            [nameof(FetchResult.Skipped)] = "counted in the summary; such a result has no attempt",
            [nameof(FetchResult.IsTransfer)] = "follows from the error and from Skipped",
            [nameof(FetchResult.Body)] = "for the library",
            [nameof(FetchResult.TimeBegin)] = "where the phases are divided; curl has no such time",
            [nameof(FetchResult.StallSpans)] = "divides client_stall between the phases of the summary",
            [nameof(FetchResult.RobotsTime)] = "a phase of the summary",
            [nameof(FetchResult.EndedInPause)] = "decides which phase of the summary its end belongs to",
            [nameof(FetchResult.ETag)] = "for the journal",
            [nameof(FetchResult.LastModified)] = "for the journal",
        };

        NamesOf(typeof(FetchResult)).Except(reasons.Keys.Select(Normal)).Order()
            .ShouldBe(ResultField.All.Select(field => Normal(field.Name)).Order());
    }

    [Fact]
    public void Every_field_is_part_of_the_librarys_outcome_or_has_its_reason()
    {
        var reasons = new Dictionary<string, string>
        {
            ["mode"] = "the caller chose it",
            ["loop"] = "the library's own business",
            ["exitcode"] = "FetchError.ExitCode",
            ["worker"] = "of the command line's queue",
        };

        ResultField.All.Select(field => field.Name).Except(reasons.Keys).Select(Normal).Except(NamesOf(typeof(FetchOutcome))).ShouldBeEmpty();
    }

    [Fact]
    public void Every_field_has_a_sentence()
    {
        foreach (var field in ResultField.All.Concat(ResultField.All.SelectMany(field => field.Members)))
        {
            field.About.ShouldEndWith(".");
        }
    }

    /// <summary>The fields that are no objects and the members of those that are, as columns are called, each with its value.</summary>
    private static IEnumerable<(ResultField Field, JsonElement Value)> Leaves(ResultField field, JsonElement line)
    {
        var value = line.GetProperty(field.Name);
        return field.Type == FieldType.Object
            ? field.Flat().Zip(field.Members, (flat, member) => (flat, value.GetProperty(member.Name)))
            : [(field, value)];
    }

    internal static FetchResult MakeEverything()
    {
        var result = NdjsonReportTests.EveryFieldDifferent();
        result.Id = new UrlId("x");
        result.Worker = "w";
        result.TraceId = "0af7651916cd43dd8448eb211c80319c";
        result.Headers = new HeaderFields([], keepsAll: false);
        result.Redirects = [];
        result.StallBlocker = new StallBlocker(10, "blocking read", 11_123_456_000);
        foreach (var property in typeof(FetchResult).GetProperties().Where(IsTime))
        {
            // No whole number of seconds, so that a time can be told from an integer.
            property.SetValue(result, (long)property.GetValue(result)! + 123_456_000);
        }

        return result;
    }

    private static bool IsTime(System.Reflection.PropertyInfo property) =>
        property.Name.StartsWith("Time", StringComparison.Ordinal) || property.Name is nameof(FetchResult.Start) or nameof(FetchResult.ClientStall);

    private static IEnumerable<string> NamesOf(Type type) => type.GetProperties().Select(property => Normal(property.Name));

    private static string Normal(string name) => name.Replace("_", "", StringComparison.Ordinal).ToLowerInvariant();

    private static JsonDocument Line(FetchResult result) => JsonDocument.Parse(Sample.Write(new NdjsonReport(), result));

    private static string WriteOut(string variable, FetchResult result)
    {
        var output = new ArrayBufferWriter<byte>();
        WriteOutTemplate.Parse($"%{{{variable}}}").Write(output, result, toStandardError: false, isTerminal: false);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
