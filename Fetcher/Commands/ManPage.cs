using System.CommandLine;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Reports.Fields;
using Fetcher.Core.Reports.WriteOut;

namespace Fetcher.Commands;

/// <summary>The manual page in the language of man(7), written from the definitions of the commands.</summary>
internal static class ManPage
{
    private const string Description =
        """
        .SH DESCRIPTION
        Fetches every URL of a list with non-blocking sockets on an event loop, or by another way of waiting, and reports what became of
        each. Every URL ends in exactly one result. A
        .I SOURCE
        is a file with one URL a line, a URL, or
        .B \-
        for standard input; blank lines and lines that begin with # are skipped. A line may also be a JSON object with
        .BR url ,
        and, if wanted,
        .BR headers ,
        .BR method " (GET or HEAD),"
        .B save_as
        and
        .BR id ,
        which comes back in the result. In a URL on the command line
        .B {a,b}
        and
        .B [1\-100]
        stand for several.

        """;

    private const string Ending =
        """
        .SH EXIT STATUS
        0 all URLs fetched; 1 at least one failed; 2 wrong usage or unreadable input; 3 a condition of
        .B \-\-fail\-if
        holds; 130 on SIGINT and 143 on SIGTERM, after the report of what was done.
        .SH ENVIRONMENT
        .BR OTEL_EXPORTER_OTLP_ENDPOINT ,
        .BR OTEL_EXPORTER_OTLP_PROTOCOL ,
        .BR OTEL_SERVICE_NAME ,
        .B OTEL_RESOURCE_ATTRIBUTES
        and OpenTelemetry's other variables export traces and metrics of a run, or of a worker, by OTLP: with http/protobuf, or grpc. Unset, nothing is measured.
        .B TRACEPARENT
        and
        .B TRACESTATE
        are the trace that the run goes on with.
        .SH FILES
        .I $XDG_CONFIG_HOME/fetcher/config
        or
        .I ~/.config/fetcher/config
        holds options of the default command, a line each:
        .B option = value\fR.
        .SH SEE ALSO
        .BR curl (1)

        """;

    /// <summary>The page. The first command is the one without a name.</summary>
    public static string Of(IReadOnlyList<Command> commands)
    {
        var fetch = commands[0];
        var page = new StringBuilder();
        page.Append($".TH FETCHER 1 \"\" \"fetcher {ThisAssembly.Version}\" \"User Commands\"\n");
        page.Append(".SH NAME\nfetcher \\- fetch many URLs at once, and see where the time goes\n");
        page.Append(".SH SYNOPSIS\n.B fetcher\n.I SOURCE\\fR...\n[\\fIoptions\\fR]\n");
        foreach (var command in commands.Skip(1))
        {
            page.Append($".br\n.B fetcher {command.Name}\n");
            page.Append(string.Concat(command.Arguments.Select(argument => $".I {argument.Name}\n")));
            page.Append("[\\fIoptions\\fR]\n");
        }

        page.Append(Description);
        foreach (var group in HelpWriter.GroupsOf(fetch))
        {
            page.Append($".SH {Text(group.Title.ToUpperInvariant())}\n");
            AppendOptions(page, group.Options);
        }

        page.Append(".SH COMMANDS\n");
        foreach (var command in commands.Skip(1))
        {
            page.Append($".SS fetcher {command.Name}\n{Text(command.Description ?? "")}\n");

            // What it shares with the default command has been said.
            AppendOptions(page, command.Options.Where(option => fetch.Options.All(other => other.Name != option.Name)));
        }

        AppendFields(page);
        page.Append(Ending);
        return page.ToString();
    }

    private static void AppendOptions(StringBuilder page, IEnumerable<Option> options)
    {
        foreach (var option in options.Where(option => !option.Hidden))
        {
            var value = option.HelpName is null ? "" : $" \\fI{Text(option.HelpName)}\\fR";
            page.Append(".TP\n").AppendJoin(", ", option.Aliases.Append(option.Name).Select(name => $"\\fB{Text(name)}\\fR")).Append(value).Append('\n');
            page.Append(Text(option.Description ?? "")).Append('\n');
        }
    }

    /// <summary>What is reported about a URL, and what <c>--write-out</c> knows beside it.</summary>
    private static void AppendFields(StringBuilder page)
    {
        page.Append(
            """
            .SH FIELDS OF A RESULT
            What ndjson, json and CSV say about each URL, and, in %{}, the variables of
            .BR \-\-write\-out .
            Times are seconds; those that begin with time_ count from the start of the transfer, as in
            .BR curl (1).
            One of 0 was not reached or not needed. What is in brackets is so called in CSV and
            .BR \-\-write\-out .

            """);
        foreach (var field in ResultField.All)
        {
            var columns = field.Type == FieldType.Object ? $" ({string.Join(", ", field.Flat().Select(member => $"\\fB{Text(member.Name)}\\fR"))})" : "";
            page.Append($".TP\n\\fB{Text(field.Name)}\\fR{columns}\n{Text(field.About)}\n");
        }

        page.Append(".PP\nOf curl's variables\n.B \\-\\-write\\-out\nalso knows ");
        page.AppendJoin(", ", WriteOutVariables.BesideFields).Append(".\n");
    }

    /// <summary>Text as roff takes it: a hyphen that is copied stays one, and a line begins with no command.</summary>
    private static string Text(string text)
    {
        var escaped = text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal);
        return escaped is ['.' or '\'', ..] ? "\\&" + escaped : escaped;
    }
}
