using System.CommandLine;
using System.CommandLine.Parsing;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Reports.WriteOut;
using Fetcher.Core.Timing;

namespace Fetcher.Commands;

/// <summary>The command without a name: <c>fetcher SOURCE... [options]</c>.</summary>
internal sealed class FetchCommand
{
    /// <summary>Names of the options that say which files of options are read.</summary>
    public const string ConfigName = "--config", NoConfigName = "--no-config";

    private readonly FetchOptionSet _fetch = new();
    private readonly CookieOptionSet _cookies = new();
    private readonly SavingOptionSet _saving = new();
    private readonly ReportOptionSet _report = new(ReportFormats.Names, ReportFormats.Extensions);
    private readonly Option<string> _mode;

    private readonly Option<TimeSpan> _grace = CliOption.Value(
        "--grace", [], "SECONDS", "After SIGINT, SIGTERM or SIGHUP, wait this long for running transfers [default: 2]", OptionText.Seconds);

    private readonly Option<ResultOrder> _order = OrderOption();

    private readonly Option<bool> _waterfall = CliOption.Flag("--waterfall", [], "Draw the slowest transfers below the summary");

    private readonly Option<bool> _stalls = CliOption.Flag(
        "--stalls", [], "Find out which transfers waited for their event loop, and behind what [default: for .html, .trace.json, --waterfall, --mode blocking-read]");

    private readonly Option<bool> _explain = CliOption.Flag(
        "--explain", [], "Say in a few sentences where the time went and what to change; turns --stalls on");

    private readonly Option<WriteOutTemplate> _writeOut = CliOption.Value(
        "--write-out",
        ["-w"],
        "FORMAT",
        "Print this for each URL instead of the report: text with %{http_code}, %{time_total}, ... as in curl; @FILE reads it",
        WriteOut);

    private readonly Option<Condition[]> _failIf = CliOption.List(
        "--fail-if",
        [],
        "CONDITION",
        "Exit with status 3 when it holds, and say so: 'p99>0.5s', 'p50.ttfb>100ms', 'failed>1%', 'rps<1000'; may be given again",
        Condition.Parse);

    private readonly Option<bool> _live = CliOption.Flag("--live", [], "Show the run while it goes on, on a terminal: rates, percentiles, statuses, slowest hosts");

    private readonly Option<bool> _dryRun = CliOption.Flag(
        "--dry-run", [], "Fetch nothing; print each URL that would be fetched, and its file behind a tab");

    private readonly QueueOptionSet _queue = new();

    private readonly Option<string[]> _config = CliOption.List(
        ConfigName, ["-K"], "FILE", "Read options from FILE, a line each like 'rate = 20/s'; - is standard input", text => text);

    private readonly Option<bool> _noConfig = CliOption.Flag(NoConfigName, [], "Do not read ~/.config/fetcher/config");

    private FetchCommand(IReadOnlyList<string> modeNames) => _mode = ModeOption(modeNames);

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
        var options = new FetchCommand(modeNames);
        var command = new GroupedCommand("fetcher", "Fetches many URLs at once, and shows what waiting costs.");
        options._fetch.AddTo(command, options._mode);
        command.AddGroup(FetchOptionSet.FetchingTitle, options._fetch.Duration);
        command.AddGroup(FetchOptionSet.TimesTitle, options._grace);
        options._cookies.AddTo(command);
        options._saving.AddTo(command);
        options._report.AddTo(
            command, options._writeOut, options._order, options._waterfall, options._stalls, options._explain, options._failIf, options._live, options._dryRun);
        options._queue.AddTo(command, options._queue.Partition, options._queue.MostUnread);
        command.AddGroup("Configuration", options._config, options._noConfig);
        command.SetAction((result, cancellation) =>
            run(options.Bind(result, command, askPassword ?? PasswordPrompt.Ask, environment), cancellation));
        return command;
    }

    private FetchInvocation Bind(ParseResult result, GroupedCommand command, Func<string, string> askPassword, Func<string, string?>? environment) => new(
        Sources: result.GetRequiredValue(_fetch.Sources),
        Count: result.ValueOr(_fetch.Count, 1),
        Options: _saving.Bind(result, _cookies.Bind(result, _fetch.Bind(result, askPassword, environment))) with
        {
            Mode = result.ValueOr(_mode, "async"),
            Duration = DurationOf(result),
            Stalls = result.Has(_stalls) || result.ValueOr(_mode, "") == "blocking-read" || result.Has(_explain) || result.Has(_waterfall)
                || Array.Exists(result.Values(_report.Reports), ReportFormats.DrawsStalls),
            HeadRecording = (result.ValueOr(_writeOut, null!) is { UsesHeaders: true } ? HeadRecording.Fields : 0)
                | (ReportFormats.ShowsReason(result.ValueOr(_report.Format, ""), result.Values(_report.Reports)) ? HeadRecording.Reason : 0),
        },
        Format: result.Has(_writeOut) ? result.ValueOr(_report.Format, null!) : result.ValueOr(_report.Format, ReportFormats.Table),
        Reports: result.Values(_report.Reports),
        Order: result.ValueOr(_order, ResultOrder.Completion),
        Quiet: result.Has(_report.Quiet),
        Verbose: result.Has(_report.Verbose),
        Progress: result.Has(_live) ? ProgressKind.Live : _report.WantsProgress(result),
        Lab: _fetch.IsLab(result),
        Grace: result.ValueOr(_grace, TerminationSignals.UsualGrace),
        Waterfall: result.Has(_waterfall),
        List: _fetch.ListOf(result),
        WriteOut: result.ValueOr(_writeOut, null!),
        Explain: result.Has(_explain),
        FailIf: result.ValueOr(_failIf, null!),
        DryRun: result.Has(_dryRun),
        HasTemplate: _saving.HasTemplate(result),
        ReadFiles: FilesRead(result),
        Job: _queue.IsGiven(result) ? BindJob(result, command) : null);

    private JobList BindJob(ParseResult result, GroupedCommand command)
    {
        foreach (var option in (Option[])[_waterfall, _stalls, _explain, _dryRun, _fetch.Duration, _live])
        {
            if (result.Has(option))
            {
                throw new UsageException($"{option.Name} and --queue exclude each other: the transfers are other machines'");
            }
        }

        if (result.ValueOr(_writeOut, null!) is { UsesHeaders: true } && !_fetch.IncludesHeaders(result))
        {
            throw new UsageException("header fields in --write-out with --queue need --include-headers: the workers are to send them");
        }

        return EnqueueCommand.Bind(result, _queue, _fetch, [.. command.Options]);
    }

    private TimeSpan? DurationOf(ParseResult result)
    {
        if (!result.Has(_fetch.Duration))
        {
            return null;
        }

        foreach (var option in (Option[])[_fetch.Count, _saving.Journal, _saving.Revalidate])
        {
            if (result.Has(option))
            {
                throw new UsageException($"--duration and {option.Name} exclude each other: the list is gone round as often as there is time for");
            }
        }

        return result.GetValue(_fetch.Duration);
    }

    private string[]? FilesRead(ParseResult result)
    {
        if (!result.Has(_config) && !result.Has(_writeOut))
        {
            return null;
        }

        var templates =
            from token in result.GetResult(_writeOut)?.Tokens ?? []
            where token.Value.StartsWith('@') && token.Value != "@-"
            select token.Value[1..];
        return result.Values(_config).Where(path => path != "-").Concat(templates).ToArray() is { Length: > 0 } files ? files : null;
    }

    internal static Option<ResultOrder> OrderOption() => CliOption.Value(
        "--order", [], "ORDER", "Print results in the order of completion or of input [default: completion]", Order)
        .WithWords("completion", "input");

    internal static Option<string> ModeOption(IReadOnlyList<string> modeNames) => CliOption.Value(
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
