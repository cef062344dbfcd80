using System.Buffers;
using System.Globalization;
using System.Text;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// HdrHistogram's log (version 1.3), for its plotters and analyzers: a line for each second in which a transfer ended, with the histogram of their total time in
/// nanoseconds.
/// </summary>
internal sealed class HdrLogReport : IReportWriter
{
    private const long Second = 1_000_000_000;

    /// <summary>What the format calls the unit ratio: values are nanoseconds, Interval_Max is milliseconds.</summary>
    private const double NanosecondsPerMillisecond = 1_000_000;

    private readonly HdrHistogram _interval = new();
    private long _second;

    /// <inheritdoc/>
    public bool IsByCompletion => true;

    /// <inheritdoc/>
    public void Begin(IBufferWriter<byte> output, RunInfo run)
    {
        var epoch = run.Started.ToUnixTimeMilliseconds() / 1000.0;
        Write(output, string.Create(
            CultureInfo.InvariantCulture,
            $"""
            #[time_total in nanoseconds, logged by fetcher {run.Version}]
            #[Histogram log format version 1.3]
            #[StartTime: {epoch:F3} (seconds since epoch), {run.Started.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}]
            "StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"

            """));
    }

    /// <inheritdoc/>
    public void Write(IBufferWriter<byte> output, FetchResult result)
    {
        if (!result.IsTransfer)
        {
            return;
        }

        var second = Math.Max(0, result.Start + result.TimeTotal) / Second;
        if (second > _second)
        {
            WriteInterval(output);
            _second = second;
        }

        // What another loop tells a moment late counts in the second that is open.
        _interval.Record(result.TimeTotal);
    }

    /// <inheritdoc/>
    public void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary) => WriteInterval(output);

    private void WriteInterval(IBufferWriter<byte> output)
    {
        if (_interval.Count > 0)
        {
            var max = _interval.Max / NanosecondsPerMillisecond;
            Write(output, string.Create(CultureInfo.InvariantCulture, $"{_second}.000,1.000,{max:F3},{_interval.ToBase64()}\n"));
            _interval.Reset();
        }
    }

    private static void Write(IBufferWriter<byte> output, string text) => Encoding.UTF8.GetBytes(text, output);
}
