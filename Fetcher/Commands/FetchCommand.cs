using System.CommandLine;
using Fetcher.Core.Reports;

namespace Fetcher.Commands;

/// <summary>The command without a name: <c>fetcher SOURCE... [options]</c>.</summary>
internal static class FetchCommand
{
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
        var saving = new SavingOptionSet();
        var report = new ReportOptionSet(ReportFormats.Names, ReportFormats.Extensions);
        var mode = ModeOption(modeNames);
        var order = CliOption.Value(
            "--order", [], "ORDER", "Print results in the order of completion or of input [default: completion]", Order);

        var command = new GroupedCommand("fetcher", "Fetches many URLs at once, and shows what waiting costs.");
        fetch.AddTo(command, mode);
        saving.AddTo(command);
        report.AddTo(command, order);
        command.SetAction((result, cancellation) => run(
            new FetchInvocation(
                Sources: result.GetRequiredValue(fetch.Sources),
                Count: result.ValueOr(fetch.Count, 1),
                Options: saving.Bind(result, fetch.Bind(result, askPassword ?? PasswordPrompt.Ask, environment)) with
                {
                    Mode = result.ValueOr(mode, "async"),
                },
                Format: result.ValueOr(report.Format, ReportFormats.Table),
                Reports: result.Values(report.Reports),
                Order: result.ValueOr(order, ResultOrder.Completion),
                Quiet: result.Has(report.Quiet),
                Verbose: result.Has(report.Verbose),
                Progress: report.WantsProgress(result),
                Lab: fetch.IsLab(result)),
            cancellation));
        return command;
    }

    private static Option<string> ModeOption(IReadOnlyList<string> modeNames) => CliOption.Value(
        "--mode",
        [],
        "NAME",
        $"How to wait: {string.Join(", ", modeNames)} [default: async]",
        text => OptionText.Mode(text, modeNames));

    private static ResultOrder Order(string text) => text switch
    {
        "completion" => ResultOrder.Completion,
        "input" => ResultOrder.Input,
        _ => throw new FormatException($"'{text}' is neither completion nor input"),
    };
}
