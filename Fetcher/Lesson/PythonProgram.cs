using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using Fetcher.Commands;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Lab;

namespace Fetcher.Lesson;

/// <summary>Runs <c>docs/python/fetch.py</c>, which is embedded, against a lab of its own: the classic program beside our modes.</summary>
internal static class PythonProgram
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
        await using var lab = await LabCommand.StartChildAsync(new LabOptions(), cancellation);
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
        // "12 URLs, 12000 bytes: 2.613 s, 0.05 s user, 0.02 s system"
        if (output.Split([' ', ',', ':'], StringSplitOptions.RemoveEmptyEntries) is not [var fetched, "URLs", var bytes, "bytes", var wall, "s", var user, "s", "user", var system, "s", ..]
            || !int.TryParse(fetched, NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count != urls)
        {
            return new RoundOutcome(number, null, error.Trim().Split('\n')[^1] is { Length: > 0 } last ? last : "it printed nothing");
        }

        return new RoundOutcome(number, new Round
        {
            Cost = new RunCost(Seconds(wall), Seconds(user), Seconds(system), null, 0, 0),
            Urls = urls,
            Failed = 0,
            Bytes = long.Parse(bytes, CultureInfo.InvariantCulture),
        }, null);

        static TimeSpan Seconds(string text) => TimeSpan.FromSeconds(double.Parse(text, CultureInfo.InvariantCulture));
    }

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
