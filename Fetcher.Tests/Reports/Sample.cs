using System.Buffers;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Reports;

/// <summary>Results and runs to report on.</summary>
internal static class Sample
{
    public const long Millisecond = 1_000_000;

    /// <summary>The example of the contract.</summary>
    public static FetchResult Result(long index = 0, string url = "http://a/") => Result(index, Encoding.UTF8.GetBytes(url));

    /// <summary>The example of the contract with a URL of any bytes.</summary>
    public static FetchResult Result(long index, ReadOnlySpan<byte> url)
    {
        var result = new FetchResult
        {
            Index = index,
            Mode = "async",
            Status = 200,
            HttpVersion = "1.1",
            Attempts = 1,
            NumConnects = 1,
            SizeDownload = 1234,
            SizeBody = 5678,
            ContentType = "text/html",
            RemoteIp = "127.0.0.1",
            RemotePort = 80,
            LocalPort = 40000,
            Start = 123_000,
            TimeNameLookup = 1 * Millisecond,
            TimeConnect = 2 * Millisecond,
            TimePreTransfer = 2 * Millisecond,
            TimeStartTransfer = 103 * Millisecond,
            TimeTotal = 301 * Millisecond,
        };
        result.Url.Set(url);
        result.FinalUrl.Set(url);
        return result;
    }

    /// <summary>A URL that failed while connecting.</summary>
    public static FetchResult Failed(
        long index = 0,
        string url = "http://b/",
        FetchErrorKind kind = FetchErrorKind.Connect,
        string message = "connection refused",
        int exitCode = 7)
    {
        var result = new FetchResult
        {
            Index = index,
            Mode = "async",
            Error = new FetchError(kind, message, exitCode),
            Attempts = 3,
            NumConnects = 3,
            TimeBegin = 1 * Millisecond,
            TimeNameLookup = 1 * Millisecond,
            TimeTotal = 4 * Millisecond,
        };
        result.Url.Set(url);
        return result;
    }

    public static RunInfo Run(string? network = null) => new()
    {
        Options = new FetchOptions(),
        Sources = ["urls.txt"],
        Started = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero),
        Network = network,
        Version = "0.1.0",
        Kernel = "6.1.0",
        Cpus = 2,
        Architecture = "x64",
    };

    public static RunCost Cost { get; } =
        new(TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(0.25), TimeSpan.FromSeconds(0.125), 20 << 20, 1000, 10);

    /// <summary>A finished summary of <paramref name="results"/>.</summary>
    public static RunSummary Summary(params IEnumerable<FetchResult> results)
    {
        var summary = new RunSummary();
        foreach (var result in results)
        {
            summary.Add(result);
        }

        summary.Finish(Cost);
        return summary;
    }

    /// <summary>The summary as the JSON report has it.</summary>
    public static string JsonOf(RunSummary summary, RunInfo? run = null)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            RunSummaryJson.Write(json, run ?? Run(), summary);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>What a writer makes of one result.</summary>
    public static string Write(IReportWriter writer, FetchResult result)
    {
        var output = new ArrayBufferWriter<byte>();
        writer.Write(output, result);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    /// <summary>A whole report.</summary>
    public static string WriteAll(IReportWriter writer, RunInfo run, params FetchResult[] results)
    {
        var output = new ArrayBufferWriter<byte>();
        writer.Begin(output, run);
        for (var i = 0; i < results.Length; i++)
        {
            if (i > 0)
            {
                output.Write(writer.Separator);
            }

            writer.Write(output, results[i]);
        }

        writer.End(output, run, Summary(results));
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
