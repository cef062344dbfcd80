using System.Buffers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Queue;

/// <summary>What a worker says of itself.</summary>
internal static class WorkerFacts
{
    /// <summary>How a worker is called unless it has been given a name.</summary>
    public static string UsualName => $"{Environment.MachineName}-{Environment.ProcessId}";

    /// <summary>A name that no other worker has, not even one that was started under the same.</summary>
    public static string Unique(string name) => $"{name}-{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(2))}";

    /// <summary>What it has done and what that took, as JSON.</summary>
    public static string ToJson(WorkerCounts counts, RunCost cost)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            json.WriteString("host"u8, Environment.MachineName);
            json.WriteNumber("pid"u8, Environment.ProcessId);
            json.WriteString("version"u8, ThisAssembly.Version);
            json.WriteNumber("done"u8, counts.Done);
            json.WriteNumber("ok"u8, counts.Ok);
            json.WriteNumber("commits"u8, counts.Batches);
            json.WriteNumber("refused"u8, counts.Refused);
            json.WriteNumber("reclaimed"u8, counts.Reclaimed);
            json.WriteNumber("given_up"u8, counts.GivenUp);
            json.WriteNumber("cpu_user"u8, Math.Round(cost.CpuUser.TotalSeconds, 3));
            json.WriteNumber("cpu_system"u8, Math.Round(cost.CpuSystem.TotalSeconds, 3));
            json.WriteNumber("max_rss"u8, cost.MaxRssBytes ?? 0);
            json.WriteNumber("voluntary_switches"u8, cost.VoluntaryContextSwitches);
            json.WriteNumber("involuntary_switches"u8, cost.InvoluntaryContextSwitches);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
