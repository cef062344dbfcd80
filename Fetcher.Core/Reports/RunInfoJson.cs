using System.Text.Json;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>The <c>run</c> object of JSON reports. Times are seconds. Its <c>options</c> are those of <see cref="RunOptions"/>.</summary>
internal static class RunInfoJson
{
    /// <summary>Writes the object.</summary>
    public static void Write(Utf8JsonWriter json, RunInfo run)
    {
        json.WriteStartObject();
        json.WriteString("mode"u8, run.Mode);
        json.WriteString("version"u8, run.Version);
        json.WriteString("started"u8, run.Started.UtcDateTime);
        json.WriteString("kernel"u8, run.Kernel);
        json.WriteStartObject("machine"u8);
        json.WriteNumber("cpus"u8, run.Cpus);
        json.WriteString("arch"u8, run.Architecture);
        json.WriteEndObject();
        json.WriteString("network"u8, run.Network);
        json.WriteStartArray("sources"u8);
        foreach (var source in run.Sources)
        {
            json.WriteStringValue(source);
        }

        json.WriteEndArray();
        json.WriteNumber("count"u8, run.Count);
        json.WriteStartObject("options"u8);
        foreach (var option in RunOptions.All)
        {
            option.Write(json, run.Options);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
