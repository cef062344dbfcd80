using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fetcher.Queue;

namespace Fetcher.Commands;

/// <summary>What the engine says of itself. Memory in bytes; no limit is 0.</summary>
internal sealed record EngineState(string Version, long UsedMemory, long MostMemory, string Policy, bool HasAppendOnlyFile);

/// <summary>How far a job is, as text.</summary>
/// <param name="job">Its name.</param>
/// <param name="state">Its counts.</param>
/// <param name="workers">Who works at it.</param>
/// <param name="engine">Where it is.</param>
/// <param name="before">What was seen before, for the rate; null for the rate since the beginning.</param>
internal sealed class JobStatus(string job, JobState state, IReadOnlyList<WorkerState> workers, EngineState engine, (long Done, long Now)? before)
{
    /// <summary>Whether every URL has its result.</summary>
    public bool IsFinished => state.IsFinished;

    /// <summary>URLs that have a result, and when that was seen: what the next status counts its rate from.</summary>
    public (long Done, long Now) Mark => (state.Done, state.Now);

    /// <summary>URLs a second; 0 when nobody works.</summary>
    private double Rate
    {
        get
        {
            if (state.IsFinished || Alive == 0)
            {
                return 0;
            }

            var (done, since) = before is { } mark ? (state.Done - mark.Done, mark.Now) : (state.Done, state.BeganAt);
            return since > 0 && state.Now > since ? done / ((state.Now - since) / 1e6) : 0;
        }
    }

    /// <summary>Seconds until the end at this rate, or null when nobody can tell.</summary>
    private double? Eta => state.Left == 0 ? 0 : Rate > 0 ? state.Left / Rate : null;

    private string Condition => state.IsFinished ? "finished" : state.IsBroken ? "broken" : state.IsSealed ? "running" : "open";

    private long Alive => workers.Count(worker => worker.IsAlive);

    private IEnumerable<(string Name, double Value)> Numbers =>
    [
        ("urls", state.Total),
        ("queued", state.Left),
        ("held_batches", state.Held),
        ("done", state.Done),
        ("failed", state.Done - state.Ok),
        ("bytes", state.Bytes),
        ("unread", state.Done - state.Collected),
        ("rate", Math.Round(Rate, 1)),
        ("workers", Alive),
        ("engine_memory_bytes", engine.UsedMemory),
        ("engine_maxmemory_bytes", engine.MostMemory),
    ];

    /// <summary>The same for Prometheus: counters end in <c>_total</c>, units are base units.</summary>
    private IEnumerable<(string Name, string Type, string About, double Value)> Metrics =>
    [
        ("urls", "gauge", "URLs that were added", state.Total),
        ("queued", "gauge", "URLs without a result", state.Left),
        ("held_batches", "gauge", "Batches in the hands of workers", state.Held),
        ("done_total", "counter", "URLs with a result", state.Done),
        ("failed_total", "counter", "URLs that failed", state.Done - state.Ok),
        ("received_bytes_total", "counter", "Body bytes on the wire", state.Bytes),
        ("unread", "gauge", "Results that no collector has taken", state.Done - state.Collected),
        ("finished", "gauge", "Whether every URL has its result", state.IsFinished ? 1 : 0),
        ("workers", "gauge", "Workers alive", Alive),
        ("engine_memory_bytes", "gauge", "Memory that the engine uses", engine.UsedMemory),
        ("engine_maxmemory_bytes", "gauge", "Memory that the engine may use, 0 for no limit", engine.MostMemory),
    ];

    public string ToTable()
    {
        var text = new StringBuilder();
        void Line(string name, FormattableString value) => text.Append(name.PadRight(10)).AppendLine(value.ToString(CultureInfo.InvariantCulture));

        Line("job", $"{job}: {Condition}");
        Line("URLs", $"{state.Total}, {state.Left} queued, {state.Held} batches held, {state.Done} done, {state.Done - state.Ok} failed");
        if (!state.IsFinished)
        {
            Line("rate", $"{Rate:0.#} URLs/s{(Eta is { } eta ? string.Create(CultureInfo.InvariantCulture, $", {eta:0} s left") : Alive == 0 ? ", nobody works at it" : "")}");
        }

        Line("results", $"{state.Done - state.Collected} unread");
        Line("engine", $"{engine.Version}, {Megabytes(engine.UsedMemory)} of {(engine.MostMemory == 0 ? "no limit" : Megabytes(engine.MostMemory))}, {engine.Policy}, append-only file {(engine.HasAppendOnlyFile ? "on" : "off")}");
        foreach (var worker in Sorted())
        {
            var heard = worker.IsAlive ? $"lease ends in {worker.Left.TotalSeconds:0.0} s" : $"ended or lost {-worker.Left.TotalSeconds:0.0} s ago";
            Line("worker", $"{worker.Name}: {heard}, {worker.Partitions} partitions, {Fact(worker, "done")} done, {Fact(worker, "refused")} commits refused");
        }

        return text.ToString();
    }

    public string ToJson()
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("job"u8, job);
            json.WriteString("state"u8, Condition);
            foreach (var (name, value) in Numbers)
            {
                json.WriteNumber(name, (decimal)value);
            }

            json.WritePropertyName("eta"u8);
            json.WriteRawValue(Eta is { } eta ? eta.ToString("0.#", CultureInfo.InvariantCulture) : "null");
            json.WriteString("engine_version"u8, engine.Version);
            json.WriteString("engine_policy"u8, engine.Policy);
            json.WriteBoolean("engine_appendonly"u8, engine.HasAppendOnlyFile);
            json.WriteStartArray("worker_list"u8);
            foreach (var worker in Sorted())
            {
                json.WriteStartObject();
                json.WriteString("name"u8, worker.Name);
                json.WriteBoolean("alive"u8, worker.IsAlive);
                json.WriteNumber("lease_left"u8, Math.Round(worker.Left.TotalSeconds, 3));
                json.WriteNumber("partitions"u8, worker.Partitions);
                json.WritePropertyName("facts"u8);
                json.WriteRawValue(worker.Facts);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan) + "\n";
    }

    /// <summary>Prometheus' text format (https://prometheus.io/docs/instrumenting/exposition_formats/).</summary>
    public string ToPrometheus()
    {
        var text = new StringBuilder();
        foreach (var (name, type, about, value) in Metrics)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"# HELP fetcher_queue_{name} {about}.").AppendLine(CultureInfo.InvariantCulture, $"# TYPE fetcher_queue_{name} {type}")
                .AppendLine(CultureInfo.InvariantCulture, $"fetcher_queue_{name}{{queue=\"{job}\"}} {value}");
        }

        text.AppendLine("# HELP fetcher_queue_worker_lease_seconds Until the worker's lease ends; negative since it has.")
            .AppendLine("# TYPE fetcher_queue_worker_lease_seconds gauge");
        foreach (var worker in Sorted())
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"fetcher_queue_worker_lease_seconds{{queue=\"{job}\",worker=\"{worker.Name}\"}} {worker.Left.TotalSeconds:0.000}");
        }

        return text.ToString();
    }

    private static string Megabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / 1e6:0.0} MB");

    private static long Fact(WorkerState worker, string name)
    {
        using var facts = JsonDocument.Parse(worker.Facts);
        return facts.RootElement.TryGetProperty(name, out var value) ? value.GetInt64() : 0;
    }

    private IEnumerable<WorkerState> Sorted() => workers.OrderByDescending(worker => worker.IsAlive).ThenBy(worker => worker.Name, StringComparer.Ordinal);
}
