using System.CommandLine;
using System.Net;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>
/// The command <c>fetcher compare SOURCE... [options]</c>; with a hidden option, one round of it in a process of its own.
/// </summary>
internal sealed class CompareCommand
{
    private static readonly string[] DefaultModes = ["blocking-read", "async"];

    private readonly FetchOptionSet _fetch = new();
    private readonly ReportOptionSet _report = new(CompareFormats.Names, CompareFormats.Extensions);
    private readonly Option<string[]> _modes;

    private readonly Option<int> _runs = CliOption.Value(
        "--runs",
        [],
        "N",
        "Measured rounds of each mode; 3 or more give a confidence interval [default: 5]",
        text => OptionText.Integer(text, 1));

    private readonly Option<int> _warmup = CliOption.Value(
        "--warmup", [], "N", "Rounds before them that are not measured [default: 1]", text => OptionText.Integer(text, 0));

    private readonly Option<Sweep> _sweep = CliOption.Value(
        "--sweep",
        [],
        "NAME=N,N...",
        "Repeat for each value of concurrency, loops, count, cpu-burst (ms), http (1.0, 1.1, 2), window (of an HTTP/2 stream, bytes) or idle (open, silent connections); with --lab also body or delay (ms)",
        SweepText.Parse);

    private readonly Option<string> _against = CliOption.Value(
        "--against", [], "FILE.json", "Compare with an earlier run or comparison, in the place of the first mode", OptionText.ExistingFile);

    private readonly Option<CompareCondition[]> _failIf = CliOption.List(
        "--fail-if", [], "CONDITION", "Exit with status 3 when it holds, and say so: 'ratio>1.1' (of wall), 'ratio.cpu>1.2'; may be given again", CompareCondition.Parse);

    private readonly Option<bool> _noStalls = CliOption.Flag(
        "--no-stalls", [], "Do not find out which transfers waited for their event loop: less CPU on small requests");

    private readonly Option<bool> _round = Hidden(CliOption.Flag("--round", [], "Run one round and write its figures"));
    private readonly Option<int> _idle = Hidden(CliOption.Value("--idle", [], "N", "", text => OptionText.Integer(text, 0)));
    private readonly Option<string> _idleOrigin = Hidden(CliOption.Value("--idle-origin", [], "URL", "", text => text));
    private readonly Option<int> _labHttpPort = Hidden(CliOption.Value("--lab-http-port", [], "N", "", Port));
    private readonly Option<int> _labHttpsPort = Hidden(CliOption.Value("--lab-https-port", [], "N", "", Port));
    private readonly Option<int> _labHttp2Port = Hidden(CliOption.Value("--lab-h2c-port", [], "N", "", Port));
    private readonly Option<string> _labCa = Hidden(CliOption.Value("--lab-ca", [], "FILE", "", OptionText.ExistingFile));

    private CompareCommand(IReadOnlyList<string> modeNames) => _modes = CliOption.Value(
        "--modes",
        [],
        "NAME,NAME...",
        $"The modes; the others are compared with the first: {string.Join(", ", modeNames)} [default: {string.Join(',', DefaultModes)}]",
        text => Modes(text, modeNames)).WithWords(modeNames);

    /// <summary>Declares the command.</summary>
    /// <param name="modeNames">The modes there are.</param>
    /// <param name="run">Compares; its result is the exit status.</param>
    /// <param name="runRound">Runs one round for another process.</param>
    /// <param name="askPassword">Asks for the password of a user; null for the terminal.</param>
    public static GroupedCommand Create(
        IReadOnlyList<string> modeNames,
        Func<CompareInvocation, CancellationToken, Task<int>> run,
        Func<RoundInvocation, CancellationToken, Task<int>> runRound,
        Func<string, string>? askPassword = null)
    {
        var options = new CompareCommand(modeNames);
        var command = new GroupedCommand("compare", "The same work under several modes, interleaved, and what each cost.");
        options._fetch.AddTo(command, options._modes);
        command.AddGroup("Comparing", options._runs, options._warmup, options._sweep, options._against, options._failIf, options._noStalls);
        options._report.AddTo(command);
        command.AddGroup(
            "Rounds", options._round, options._idle, options._idleOrigin, options._labHttpPort, options._labHttpsPort, options._labHttp2Port, options._labCa);
        command.SetAction((result, cancellation) => result.Has(options._round)
            ? runRound(options.BindRound(result), cancellation)
            : run(options.Bind(result, askPassword ?? PasswordPrompt.Ask), cancellation));
        return command;
    }

    private CompareInvocation Bind(ParseResult result, Func<string, string> askPassword)
    {
        var passwords = new List<string>();
        var options = _fetch.Bind(result, user =>
        {
            passwords.Add(askPassword(user));
            return passwords[^1];
        });
        var sweep = result.ValueOr(_sweep, null!);
        var lab = _fetch.IsLab(result);
        if (sweep is not null && SweepText.IsOfLab(sweep.Name) && !lab)
        {
            throw new UsageException($"--sweep {sweep.Name} needs --lab, whose pages it changes");
        }

        if (sweep is not null && result.Has(_against))
        {
            throw new UsageException("--sweep and --against exclude each other: the earlier run was at one value");
        }

        return new CompareInvocation(
            Sources: result.GetRequiredValue(_fetch.Sources),
            Count: result.ValueOr(_fetch.Count, 1),
            Options: options,
            Modes: result.ValueOr(_modes, result.Has(_against) ? DefaultModes[^1..] : DefaultModes),
            Runs: result.ValueOr(_runs, 5),
            Warmup: result.ValueOr(_warmup, 1),
            Sweep: sweep,
            Lab: lab,
            Format: result.ValueOr(_report.Format, CompareFormats.Names[0]),
            Reports: result.Values(_report.Reports),
            Quiet: result.Has(_report.Quiet),
            Verbose: result.Has(_report.Verbose),
            Progress: _report.WantsProgress(result),
            PassedOn: PassedOnArguments.Of(result, Own()),
            Password: passwords.Count == 0 ? null : string.Join('\n', passwords),
            List: _fetch.ListOf(result),
            Against: result.ValueOr(_against, null!),
            ModesGiven: result.Has(_modes),
            FailIf: result.Values(_failIf));
    }

    private RoundInvocation BindRound(ParseResult result)
    {
        var options = _fetch.Bind(result, _ => Console.In.ReadLine() ?? throw new UsageException("the password did not come")) with
        {
            Mode = result.GetRequiredValue(_modes)[0],
            Stalls = !result.Has(_noStalls),
            Lab = result.Has(_labCa)
                ? new LabEndpoint(
                    IPAddress.Loopback,
                    result.GetRequiredValue(_labHttpPort),
                    result.GetRequiredValue(_labHttpsPort),
                    result.GetRequiredValue(_labHttp2Port),
                    File.ReadAllText(result.GetRequiredValue(_labCa)))
                : null,
        };
        return new RoundInvocation(
            Sources: result.GetRequiredValue(_fetch.Sources),
            Count: result.ValueOr(_fetch.Count, 1),
            Options: options,
            Idle: result.ValueOr(_idle, 0),
            IdleOrigin: result.ValueOr(_idleOrigin, null!),
            List: _fetch.ListOf(result));
    }

    /// <summary>The options that are not passed on to the process of a round.</summary>
    private Option[] Own() =>
    [
        _modes, _runs, _warmup, _sweep, _against, _failIf, _fetch.Lab,
        _report.Format, _report.Reports, _report.Quiet, _report.Verbose, _report.Progress, _report.NoProgress,
    ];

    private static string[] Modes(string text, IReadOnlyList<string> known)
    {
        var modes = text.Split(',').Select(name => OptionText.Mode(name, known)).ToArray();
        return modes.Distinct().Count() == modes.Length ? modes : throw new FormatException($"'{text}' names a mode twice");
    }

    private static int Port(string text) => OptionText.Integer(text, 1);

    private static Option<T> Hidden<T>(Option<T> option)
    {
        option.Hidden = true;
        return option;
    }
}
