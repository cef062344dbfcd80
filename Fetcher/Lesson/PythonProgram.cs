using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Lab;

namespace Fetcher.Lesson;

/// <summary>Runs <c>docs/python/fetch.py</c>, which is embedded, against a lab of its own: the classic program beside our modes.</summary>
internal static partial class PythonProgram
{
    /// <summary>The name of its bar.</summary>
    public const string Name = "python";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs it with the URLs of a chapter.</summary>
    /// <param name="how">How it reads: <c>blocking</c> or <c>executor</c>.</param>
    /// <param name="urls">The URLs, whose hosts are all the lab.</param>
    /// <param name="runs">How often.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>Its rounds, or null where there is no python3.</returns>
    public static async Task<IReadOnlyList<RoundOutcome>?> RunAsync(string how, IReadOnlyList<string> urls, int runs, CancellationToken cancellation)
    {
        await using var lab = await LabProcess.StartAsync(new LabOptions(), cancellation);
        var local = urls.Select((url, place) => string.Create(
            CultureInfo.InvariantCulture, $"http://127.0.0.1:{lab.HttpPort}/{place}{(url.IndexOf('?', StringComparison.Ordinal) is var at and >= 0 ? url[at..] : "")}"));
        string[] arguments = ["-c", Snippet.Read(Snippet.PythonFile), how, .. local];
        var rounds = new List<RoundOutcome>();
        for (var number = 1; number <= runs; number++)
        {
            if (await RunOnceAsync(arguments, urls.Count, number, cancellation) is not { } round)
            {
                return null;
            }

            rounds.Add(round);
        }

        return rounds;
    }

    /// <summary>What the program printed, as a round.</summary>
    internal static RoundOutcome Read(string output, string error, int urls, int number)
    {
        if (Line().Match(output) is not { Success: true } match || match.Groups["urls"].Value != urls.ToString(CultureInfo.InvariantCulture))
        {
            return new RoundOutcome(number, null, error.Trim().Split('\n')[^1] is { Length: > 0 } last ? last : "it printed nothing");
        }

        return new RoundOutcome(number, new Round
        {
            Cost = new RunCost(Seconds("wall"), Seconds("user"), Seconds("system"), null, 0, 0),
            Urls = urls,
            Failed = 0,
            Bytes = long.Parse(match.Groups["bytes"].ValueSpan, CultureInfo.InvariantCulture),
        }, null);

        TimeSpan Seconds(string group) => TimeSpan.FromSeconds(double.Parse(match.Groups[group].ValueSpan, CultureInfo.InvariantCulture));
    }

    [GeneratedRegex(@"^(?<urls>\d+) URLs, (?<bytes>\d+) bytes: (?<wall>[\d.]+) s, (?<user>[\d.]+) s user, (?<system>[\d.]+) s system")]
    private static partial Regex Line();

    private static async Task<RoundOutcome?> RunOnceAsync(string[] arguments, int urls, int number, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("python3", arguments) { RedirectStandardOutput = true, RedirectStandardError = true };

        // The user's proxy is not asked for what is on loopback.
        start.Environment["no_proxy"] = "127.0.0.1";
        Process process;
        try
        {
            process = Process.Start(start)!;
        }
        catch (Win32Exception)
        {
            return null;
        }

        using (process)
        {
            using var bound = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            bound.CancelAfter(Patience);
            using var end = bound.Token.Register(process.Kill);
            var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
            var output = await process.StandardOutput.ReadToEndAsync(CancellationToken.None);
            await process.WaitForExitAsync(CancellationToken.None);
            cancellation.ThrowIfCancellationRequested();
            return Read(output, await error, urls, number);
        }
    }
}
