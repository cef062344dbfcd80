using System.CommandLine;
using System.Globalization;
using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Terminal;
using Spectre.Console;

namespace Fetcher.Commands;

/// <summary><c>fetcher modes</c>: what each mode does, waits in and scales to, and whether this machine has it.</summary>
internal static class ModesCommand
{
    /// <summary>What it does, for the help.</summary>
    public const string Description = "Show what each mode does, waits in and scales to, and whether it works here";

    private const int MaxWidth = 100;

    /// <summary>Columns below which five columns of words cannot be read.</summary>
    private const int Narrow = 72;

    /// <summary>The command.</summary>
    internal static Command Create()
    {
        var command = new Command("modes", Description);
        command.SetAction(parsed =>
        {
            var style = TerminalStyle.OfStandardOutput();
            var width = style.IsTerminal ? Math.Min(style.Width, MaxWidth) : MaxWidth;
            Write(parsed.InvocationConfiguration.Output, style with { Width = width }, ModeCatalog.All);
        });
        return command;
    }

    /// <summary>Writes the table, a row a mode.</summary>
    internal static void Write(TextWriter output, TerminalStyle style, IReadOnlyList<Mode> modes)
    {
        if (style.Width < Narrow)
        {
            WriteList(output, style, modes);
            return;
        }

        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var table = new Table { Border = TableBorder.Simple, ShowRowSeparators = false };
        table.AddColumns("mode", "how it waits", "in the call", "is limited by", "here");
        table.Columns[0].NoWrap();
        foreach (var mode in modes)
        {
            // The options are the defaults: this says whether the mode works at all.
            var name = mode.Alias is null ? mode.Name : $"{mode.Name} ({mode.Alias})";
            var here = mode.WhyNot(new FetchOptions()) is { } reason ? "no: " + reason : "yes";
            string[] cells = [name, mode.Waiting, mode.SystemCall, mode.Limit, here];
            table.AddRow(cells.Select(cell => new Text(cell)));
        }

        style.CreateConsole(text).Write(table);
        var lines = text.ToString().Split('\n').Select(line => line.TrimEnd(' '));
        output.WriteLine(string.Join('\n', lines).Trim('\n'));
    }

    /// <summary>Writes a paragraph a mode.</summary>
    private static void WriteList(TextWriter output, TerminalStyle style, IReadOnlyList<Mode> modes)
    {
        using var text = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        var console = style.CreateConsole(text);
        foreach (var mode in modes)
        {
            console.Write(new Text(mode.Alias is null ? $"{mode.Name}\n" : $"{mode.Name} ({mode.Alias})\n"));
            var here = mode.WhyNot(new FetchOptions()) is { } reason ? $"; not here: {reason}" : "";
            console.Write(new Padder(new Text($"{mode.Waiting}; in the call: {mode.SystemCall}; is limited by {mode.Limit}{here}"), new Padding(2, 0, 0, 0)));
        }

        output.WriteLine(string.Join('\n', text.ToString().Split('\n').Select(line => line.TrimEnd(' '))).Trim('\n'));
    }
}
