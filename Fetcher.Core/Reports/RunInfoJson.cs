using System.Text.Json;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>The <c>run</c> object of JSON reports. Times are seconds. Credentials and the values of header fields stay out of it.</summary>
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
        WriteOptional(json, "network", run.Network);
        WriteStrings(json, "sources", run.Sources);
        json.WriteNumber("count"u8, run.Count);
        json.WritePropertyName("options"u8);
        WriteOptions(json, run.Options);
        json.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter json, FetchOptions options)
    {
        json.WriteStartObject();
        json.WriteNumber("concurrency"u8, options.Concurrency);
        json.WriteNumber("per_host"u8, options.PerHost);
        WriteSeconds(json, "start_interval", options.StartInterval);
        json.WriteNumber("loops"u8, options.Loops);
        WriteStrings(json, "header_names", options.Headers.Select(header => header.Name));
        json.WriteString("user_agent"u8, options.UserAgent);
        json.WriteBoolean("insecure"u8, options.Insecure);
        json.WriteBoolean("follow_redirects"u8, options.FollowRedirects);
        json.WriteNumber("max_redirects"u8, options.MaxRedirects);
        json.WriteString("address_family"u8, options.AddressFamily switch
        {
            AddressFamilyChoice.IPv4Only => "ipv4",
            AddressFamilyChoice.IPv6Only => "ipv6",
            _ => "any",
        });
        json.WriteBoolean("compressed"u8, options.Compressed);
        WriteSeconds(json, "connect_timeout", options.ConnectTimeout);
        WriteSeconds(json, "max_time", options.MaxTime);
        WriteSeconds(json, "read_timeout", options.ReadTimeout);
        json.WriteNumber("retry"u8, options.Retry);
        WriteSeconds(json, "retry_delay", options.RetryDelay);
        WriteSeconds(json, "retry_max_time", options.RetryMaxTime);
        json.WriteBoolean("retry_all_errors"u8, options.RetryAllErrors);
        json.WriteString("accept_status"u8, options.AcceptStatus.Text);
        json.WriteNumber("max_filesize"u8, options.MaxFileSize);
        WriteSeconds(json, "cpu_burst", options.CpuBurst);
        json.WriteBoolean("sha256"u8, options.Sha256);
        json.WriteEndObject();
    }

    private static void WriteOptional(Utf8JsonWriter json, string name, string? value)
    {
        if (value is null)
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteString(name, value);
        }
    }

    private static void WriteSeconds(Utf8JsonWriter json, string name, TimeSpan? value)
    {
        if (value is { } time)
        {
            json.WriteNumber(name, ReportNumbers.Seconds(time));
        }
        else
        {
            json.WriteNull(name);
        }
    }

    private static void WriteStrings(Utf8JsonWriter json, string name, IEnumerable<string> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values)
        {
            json.WriteStringValue(value);
        }

        json.WriteEndArray();
    }
}
