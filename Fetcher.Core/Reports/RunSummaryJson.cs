using System.Text.Json;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>The <c>summary</c> object of JSON reports. Times are seconds.</summary>
internal static class RunSummaryJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, RunInfo run, RunSummary summary)
    {
        json.WriteStartObject();
        json.WriteNumber("urls"u8, summary.Urls);
        json.WriteNumber("ok"u8, summary.Ok);
        json.WriteNumber("failed"u8, summary.Failed);
        json.WriteNumber("skipped"u8, summary.Skipped);
        WriteNumberOrNull(json, "not_started"u8, summary.NotStarted);
        json.WriteNumber("bytes"u8, summary.BytesDownloaded);
        json.WriteNumber("bytes_body"u8, summary.BytesBody);
        WriteCost(json, summary);
        json.WriteNumber("connects"u8, summary.Connects);
        json.WriteNumber("redirects"u8, summary.Redirects);
        json.WriteNumber("retries"u8, summary.Retries);
        json.WriteNumber("client_stall"u8, ReportNumbers.Seconds(summary.ClientStall));
        json.WriteNumber("stalled"u8, summary.Stalled);
        WriteRate(json, run, summary);
        for (var field = TimeField.Queue; field <= TimeField.Total; field++)
        {
            json.WriteStartObject(TimeFields.NameOf(field));
            WriteDistribution(json, summary.TimeOf(field));
            json.WriteEndObject();
        }

        json.WriteStartObject("latency_from_start"u8);
        WriteDistribution(json, summary.FromStart);
        json.WriteEndObject();
        if (summary.RunRecord is { } record)
        {
            StallJson.WriteMembers(json, record);
        }

        WritePhases(json, summary);
        WriteStatuses(json, summary);
        WriteFailures(json, summary.Failures);
        WriteSlowestHosts(json, summary.SlowestHosts);
        json.WriteEndObject();
    }

    private static void WriteRate(Utf8JsonWriter json, RunInfo run, RunSummary summary)
    {
        if (summary.Starts.RateOf(run.Options.StartInterval) is { } rate)
        {
            json.WriteStartObject("rate"u8);
            json.WriteNumber("asked"u8, ReportNumbers.Rounded(rate.Asked));
            json.WriteNumber("reached"u8, ReportNumbers.Rounded(rate.Reached));
            json.WriteNumber("latest_start"u8, ReportNumbers.Seconds(rate.Latest));
            json.WriteBoolean("missed"u8, rate.IsMissed);
            json.WriteEndObject();
        }
    }

    private static void WriteCost(Utf8JsonWriter json, RunSummary summary)
    {
        var cost = summary.Cost;
        json.WriteNumber("wall"u8, ReportNumbers.Seconds(cost.Wall));
        json.WriteNumber("requests_per_second"u8, ReportNumbers.Rounded(summary.RequestsPerSecond));
        json.WriteNumber("cpu_user"u8, ReportNumbers.Seconds(cost.CpuUser));
        json.WriteNumber("cpu_system"u8, ReportNumbers.Seconds(cost.CpuSystem));
        WriteNumberOrNull(json, "max_rss"u8, cost.MaxRssBytes);
        json.WriteNumber("voluntary_context_switches"u8, cost.VoluntaryContextSwitches);
        json.WriteNumber("involuntary_context_switches"u8, cost.InvoluntaryContextSwitches);
    }

    /// <summary>Writes a member that may be unknown.</summary>
    public static void WriteNumberOrNull(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? value)
    {
        if (value is { } number)
        {
            json.WriteNumber(name, number);
        }
        else
        {
            json.WriteNull(name);
        }
    }

    /// <summary>Writes the members of a distribution.</summary>
    public static void WriteDistribution(Utf8JsonWriter json, Histogram histogram)
    {
        json.WriteNumber("count"u8, histogram.Count);
        json.WriteNumber("min"u8, ReportNumbers.Seconds(histogram.Min));
        json.WriteNumber("mean"u8, ReportNumbers.Seconds(histogram.Mean));
        json.WriteNumber("p50"u8, ReportNumbers.Seconds(histogram.Percentile(50)));
        json.WriteNumber("p90"u8, ReportNumbers.Seconds(histogram.Percentile(90)));
        json.WriteNumber("p95"u8, ReportNumbers.Seconds(histogram.Percentile(95)));
        json.WriteNumber("p99"u8, ReportNumbers.Seconds(histogram.Percentile(99)));
        json.WriteNumber("p99_9"u8, ReportNumbers.Seconds(histogram.Percentile(99.9)));
        json.WriteNumber("p99_99"u8, ReportNumbers.Seconds(histogram.Percentile(99.99)));
        json.WriteNumber("max"u8, ReportNumbers.Seconds(histogram.Max));
    }

    private static void WritePhases(Utf8JsonWriter json, RunSummary summary)
    {
        json.WriteString("dominant_phase"u8, summary.DominantPhase is { } dominant ? PhaseDurations.NameOf(dominant) : null);
        json.WriteStartObject("phases"u8);
        for (var phase = Phase.Queue; phase <= Phase.Stall; phase++)
        {
            json.WriteStartObject(PhaseDurations.NameOf(phase));
            json.WriteNumber("share"u8, ReportNumbers.Rounded(summary.ShareOf(phase)));
            WriteDistribution(json, summary.PhaseOf(phase));
            json.WriteEndObject();
        }

        json.WriteEndObject();
    }

    private static void WriteStatuses(Utf8JsonWriter json, RunSummary summary)
    {
        json.WriteStartObject("statuses"u8);
        foreach (var (status, count) in summary.Statuses)
        {
            json.WriteNumber(status.ToString(System.Globalization.CultureInfo.InvariantCulture), count);
        }

        json.WriteEndObject();
    }

    private static void WriteFailures(Utf8JsonWriter json, FailureLog failures)
    {
        json.WriteStartArray("failures"u8);
        foreach (var (kind, count) in failures.ByKind)
        {
            json.WriteStartObject();
            json.WriteString("kind"u8, FetchError.NameOf(kind));
            json.WriteNumber("count"u8, count);
            json.WriteStartArray("examples"u8);
            foreach (var example in failures.ExamplesOf(kind))
            {
                json.WriteStartObject();
                json.WriteNumber("index"u8, example.Index);
                json.WriteString("url"u8, example.Url);
                json.WriteString("message"u8, example.Message);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteSlowestHosts(Utf8JsonWriter json, SlowestHosts hosts)
    {
        json.WriteStartArray("slowest_hosts"u8);
        foreach (var slow in hosts.Ranking)
        {
            json.WriteStartObject();
            json.WriteString("host"u8, slow.Host);
            json.WriteNumber("time_total"u8, ReportNumbers.Seconds(slow.TimeTotal));
            json.WriteString("url"u8, slow.Url);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
