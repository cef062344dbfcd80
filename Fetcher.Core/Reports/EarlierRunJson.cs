using System.Buffers;
using System.Text.Json;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Core.Reports;

/// <summary>Reads a JSON report, of a run or of a comparison, as what others are compared with.</summary>
internal static class EarlierRunJson
{
    /// <summary>Reads it.</summary>
    /// <param name="path">The report.</param>
    /// <param name="mode">Which mode of a comparison that has several; null when nobody said.</param>
    /// <param name="now">What is to be compared with it.</param>
    /// <exception cref="FormatException">It is no such report, or it does not say which mode is meant.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static EarlierRun Read(string path, string? mode, RunInfo now)
    {
        try
        {
            using var stream = File.OpenRead(path);
            using var json = JsonDocument.Parse(stream);
            var (name, rounds) = json.RootElement.TryGetProperty("comparisons"u8, out var points)
                ? OfComparison(path, points, mode)
                : (json.RootElement.GetProperty("run"u8).GetProperty("mode"u8).GetString()!, [new RoundOutcome(1, OfRun(json.RootElement), null)]);
            var run = json.RootElement.GetProperty("run"u8);
            var sample = new ModeSample(EarlierRun.Name, rounds, first: null) { IsEarlier = true };
            return new EarlierRun(path, run.GetProperty("started"u8).GetDateTimeOffset(), sample, [.. Differences(run, name, mode, now)]);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new FormatException($"{path} is no JSON report of a run or a comparison of this version: {e.Message}", e);
        }
    }

    private static (string Mode, IReadOnlyList<RoundOutcome> Rounds) OfComparison(string path, JsonElement points, string? mode)
    {
        if (points.GetArrayLength() != 1)
        {
            throw new FormatException($"{path} compares at several values of a sweep: it does not say which is meant");
        }

        var modes = points[0].GetProperty("modes"u8).EnumerateArray().ToDictionary(each => each.GetProperty("mode"u8).GetString()!);
        var chosen = mode is not null && modes.ContainsKey(mode) ? mode
            : modes.Count == 1 ? modes.Keys.Single()
            : throw new FormatException($"{path} has {string.Join(" and ", modes.Keys)}: --modes says which, e.g. --modes {modes.Keys.Last()}");
        return (chosen, [.. modes[chosen].GetProperty("rounds"u8).EnumerateArray().Select(OfRound)]);
    }

    private static RoundOutcome OfRound(JsonElement round)
    {
        var problem = round.GetProperty("problem"u8).GetString();
        return new RoundOutcome(round.GetProperty("round"u8).GetInt32(), problem is null ? CompareRoundJson.Read(round) : null, problem);
    }

    private static Round OfRun(JsonElement json)
    {
        var summary = json.GetProperty("summary"u8);
        var total = summary.GetProperty("time_total"u8);
        return new Round
        {
            Urls = summary.GetProperty("urls"u8).GetInt64(),
            Failed = summary.GetProperty("failed"u8).GetInt64(),
            Bytes = summary.GetProperty("bytes"u8).GetInt64(),
            Cost = CompareRoundJson.ReadCost(summary),
            TimeTotalP50 = CompareRoundJson.ReadNanoseconds(total.GetProperty("p50"u8)),
            TimeTotalP99 = CompareRoundJson.ReadNanoseconds(total.GetProperty("p99"u8)),
            Connections = summary.GetProperty("connects"u8).GetInt64(),
            HttpVersions = [.. json.GetProperty("results"u8).EnumerateArray()
                .Select(result => result.GetProperty("http_version"u8).GetString()).OfType<string>().Distinct().Order(StringComparer.Ordinal)],
        };
    }

    /// <summary>Machine, program, work and options where they were not those of now, but for what says nothing of the work.</summary>
    private static IEnumerable<string> Differences(JsonElement then, string name, string? mode, RunInfo run)
    {
        var written = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(written, JsonText.Options))
        {
            RunInfoJson.Write(writer, run);
        }

        using var json = JsonDocument.Parse(written.WrittenMemory);
        var now = json.RootElement;
        if (mode is not null && mode != name)
        {
            yield return $"the earlier mode was {name}";
        }

        foreach (var member in (string[])["version", "kernel", "machine", "network", "sources", "count"])
        {
            if (Changed(then, now, member) is { } change)
            {
                yield return change;
            }
        }

        foreach (var option in now.GetProperty("options"u8).EnumerateObject().Where(option => option.Name != "stalls"))
        {
            if (Changed(then.GetProperty("options"u8), now.GetProperty("options"u8), option.Name) is { } change)
            {
                yield return change;
            }
        }
    }

    private static string? Changed(JsonElement then, JsonElement now, string name)
    {
        var (before, after) = (then.TryGetProperty(name, out var value) ? value.GetRawText() : "unknown", now.GetProperty(name).GetRawText());
        return before == after || before == "unknown" ? null : $"{name} was {before} then and is {after} now";
    }
}
