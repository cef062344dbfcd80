using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using Fetcher.Core.Reports.Fields;

namespace Fetcher.Tests.Reports;

/// <summary>
/// The JSON schema and docs/reports.md say what the lists of fields and options say. With FETCHER_WRITE_DOCS=1 in the environment the test writes them anew.
/// </summary>
public sealed partial class ResultDocumentsTests
{
    private const string HowToWrite = "run this test with FETCHER_WRITE_DOCS=1 in the environment, and look at what git says has changed";

    [Fact]
    public void The_schema_describes_the_fields_and_the_options_that_there_are()
    {
        var path = InDocs("schema/fetcher-report.schema.json");
        var schema = File.ReadAllText(path);
        var written = DefinitionOfResult().Replace(schema, _ => SchemaText.OfResult());
        written = DefinitionOfOptions().Replace(written, _ => SchemaText.OfOptions());
        ShouldBeWritten(path, written);
    }

    [Fact]
    public void The_table_of_fields_has_those_that_there_are()
    {
        var path = InDocs("reports.md");
        ShouldBeWritten(path, Table().Replace(File.ReadAllText(path), _ => TableOfFields()));
    }

    private static string TableOfFields() => string.Concat(
        [
            "| field | value | |\n|---|---|---|\n",
            .. ResultField.All.Select(field => $"| `{field.Name}` | {ValueOf(field)} | {field.About}{MembersOf(field)} |\n"),
        ]);

    private static string MembersOf(ResultField field) =>
        string.Concat(field.Members.Select(member => $"<br>`{member.Name}` ({ValueOf(member)}): {member.About}"));

    private static string ValueOf(ResultField field)
    {
        var type = field.Type switch
        {
            FieldType.Integer => "integer",
            FieldType.Seconds => "seconds",
            FieldType.Boolean => "true or false",
            FieldType.Text => "text",
            FieldType.Id => "text or number",
            FieldType.Object => "object",
            FieldType.List => "list",
            _ => throw new ArgumentOutOfRangeException(nameof(field)),
        };
        return type + (field.IsNullable ? ", or null" : field.IsOptional ? ", or absent" : "");
    }

    private static void ShouldBeWritten(string path, string text)
    {
        if (Environment.GetEnvironmentVariable("FETCHER_WRITE_DOCS") == "1")
        {
            File.WriteAllText(path, text);
        }

        File.ReadAllText(path).ShouldBe(text, HowToWrite);
    }

    private static string InDocs(string name, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../docs", name);

    [GeneratedRegex(@"(?<=^    ""result"": \{\n).*?(?=^    \},$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex DefinitionOfResult();

    [GeneratedRegex(@"(?<=^    ""options"": \{\n).*?(?=^    \},$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex DefinitionOfOptions();

    [GeneratedRegex("(?<=^<!-- The table is written by ResultDocumentsTests. -->\n).*?(?=^<!-- end of the table -->$)", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Table();
}
