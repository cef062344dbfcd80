using System.CommandLine;
using System.CommandLine.Parsing;
using Fetcher.Core.Reports;
using Fetcher.Core.Reports.WriteOut;

namespace Fetcher.Commands;

/// <summary>The command without a name: <c>fetcher SOURCE... [options]</c>.</summary>
internal static class FetchCommand
{
    /// <summary>Names of the options that say which files of options are read.</summary>
    public const string ConfigName = "--config", NoConfigName = "--no-config";

    /// <summary>Declares the command.</summary>
    /// <param name="modeNames">The modes that <c>--mode</c> takes.</param>
    /// <param name="run">Does the work; its result is the exit status.</param>
    /// <param name="askPassword">Asks for the password of a user; null for the terminal.</param>
    /// <param name="environment">Reads an environment variable; null for the process's own.</param>
    public static GroupedCommand Create(
        IReadOnlyList<string> modeNames,
        Func<FetchInvocation, CancellationToken, Task<int>> run,
        Func<string, string>? askPassword = null,
        Func<string, string?>? environment = null)
    {
        var fetch = new FetchOptionSet();
        var cookies = new CookieOptionSet();
        var saving = new SavingOptionSet();
        var report = new ReportOptionSet(ReportFormats.Names, ReportFormats.Extensions);
        var mode = ModeOption(modeNames);
        var grace = CliOption.Value(
            "--grace", [], "SECONDS", "After SIGINT, SIGTERM or SIGHUP, let running transfers go on so long [default: 2]", OptionText.Seconds);
        var order = CliOption.Value(
            "--order", [], "ORDER", "Print results in the order of completion or of input [default: completion]", Order)
            .WithWords("completion", "input");
        var waterfall = CliOption.Flag("--waterfall", [], "Draw the slowest transfers below the summary");
        var stalls = CliOption.Flag(
            "--stalls", [], "Find out which transfers waited for their event loop, and behind what [default: for .html, .trace.json, --waterfall]");
        var explain = CliOption.Flag("--explain", [], "Say in a few sentences where the time went and what to change; turns --stalls on");
        var writeOut = CliOption.Value(
            "--write-out",
            ["-w"],
            "FORMAT",
            "Print this for each URL instead of the report: text with %{http_code}, %{time_total}, ... as in curl; @FILE reads it",
            WriteOut);

        var dryRun = CliOption.Flag(
            "--dry-run", [], "Fetch nothing; print each URL that would be fetched, and its file behind a tab");
        var config = CliOption.List(
            ConfigName, ["-K"], "FILE", "Read options from FILE, a line each like 'rate = 20/s'; - is standard input", text => text);
        var noConfig = CliOption.Flag(NoConfigName, [], "Do not read ~/.config/fetcher/config");

        var command = new GroupedCommand("fetcher", "Fetches many URLs at once, and shows what waiting costs.");
        fetch.AddTo(command, mode);
        command.AddGroup(FetchOptionSet.TimesTitle, grace);
        cookies.AddTo(command);
        saving.AddTo(command);
        report.AddTo(command, writeOut, order, waterfall, stalls, explain, dryRun);
        command.AddGroup("Configuration", config, noConfig);
        command.SetAction((result, cancellation) => run(
            new FetchInvocation(
                Sources: result.GetRequiredValue(fetch.Sources),
                Count: result.ValueOr(fetch.Count, 1),
                Options: saving.Bind(result, cookies.Bind(result, fetch.Bind(result, askPassword ?? PasswordPrompt.Ask, environment))) with
                {
                    Mode = result.ValueOr(mode, "async"),
                    Stalls = result.Has(stalls) || result.Has(explain) || result.Has(waterfall)
                        || Array.Exists(result.Values(report.Reports), ReportFormats.DrawsStalls),
                },
                Format: result.Has(writeOut) ? result.ValueOr(report.Format, null!) : result.ValueOr(report.Format, ReportFormats.Table),
                Reports: result.Values(report.Reports),
                Order: result.ValueOr(order, ResultOrder.Completion),
                Quiet: result.Has(report.Quiet),
                Verbose: result.Has(report.Verbose),
                Progress: report.WantsProgress(result),
                Lab: fetch.IsLab(result),
                Grace: result.ValueOr(grace, TerminationSignals.UsualGrace),
                Waterfall: result.Has(waterfall),
                GlobOff: result.Has(fetch.GlobOff),
                WriteOut: result.ValueOr(writeOut, null!),
                Explain: result.Has(explain),
                DryRun: result.Has(dryRun),
                ReadFiles: FilesRead(result, config, writeOut)),
            cancellation));
        return command;
    }

    private static string[]? FilesRead(ParseResult result, Option<string[]> config, Option writeOut)
    {
        var templates =
            from token in result.GetResult(writeOut)?.Tokens ?? []
            where token.Value.StartsWith('@') && token.Value != "@-"
            select token.Value[1..];
        return result.Values(config).Where(path => path != "-").Concat(templates).ToArray() is { Length: > 0 } files ? files : null;
    }

    private static Option<string> ModeOption(IReadOnlyList<string> modeNames) => CliOption.Value(
        "--mode",
        [],
        "NAME",
        $"How to wait: {string.Join(", ", modeNames)} [default: async]",
        text => OptionText.Mode(text, modeNames)).WithWords(modeNames);

    /// <summary>The arguments that the files of options stand for: they go before those that were typed, which count more.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="command">The command.</param>
    /// <param name="defaultPath">The file that is read without being asked for, or null.</param>
    /// <exception cref="UsageException">A file cannot be read, or a line of it is wrong.</exception>
    public static IReadOnlyList<string> ReadConfig(ParseResult result, Command command, string? defaultPath)
    {
        var arguments = new List<string>();
        if (defaultPath is not null && !HasFlag(NoConfigName) && File.Exists(defaultPath))
        {
            arguments.AddRange(ConfigFile.Read(defaultPath, command));
        }

        foreach (var path in result.GetResult(ConfigName) is OptionResult { Tokens: var tokens } ? tokens : [])
        {
            arguments.AddRange(ConfigFile.Read(path.Value, command));
        }

        return arguments;

        bool HasFlag(string name) => result.GetResult(name) is OptionResult { Implicit: false };
    }

    /// <summary>A template, or <c>@FILE</c> or <c>@-</c> where one is; line ends in a file do not count, as in curl.</summary>
    private static WriteOutTemplate WriteOut(string text)
    {
        if (!text.StartsWith('@'))
        {
            return WriteOutTemplate.Parse(text);
        }

        try
        {
            var read = text == "@-" ? Console.In.ReadToEnd() : File.ReadAllText(text[1..]);
            return WriteOutTemplate.Parse(read.ReplaceLineEndings(""));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new FormatException($"the file '{text[1..]}' cannot be read: {e.Message}");
        }
    }

    private static ResultOrder Order(string text) => text switch
    {
        "completion" => ResultOrder.Completion,
        "input" => ResultOrder.Input,
        _ => throw new FormatException($"'{text}' is neither completion nor input"),
    };
}
