using System.Buffers;
using BenchmarkDotNet.Attributes;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Micro;

/// <summary>What becomes of a result: its line, and its part in the summary.</summary>
public class ResultBenchmarks
{
    private readonly ArrayBufferWriter<byte> _output = new(64 * 1024);
    private readonly NdjsonReport _report = new();
    private readonly RunSummary _summary = new();
    private readonly FetchResult _result = Result(600);
    private readonly FetchResult _other = Result(601);

    [Benchmark(OperationsPerInvoke = 2)]
    public int Line_of_ndjson()
    {
        _output.ResetWrittenCount();
        _report.Write(_output, _result);
        _report.Write(_output, _other);
        return _output.WrittenCount;
    }

    [Benchmark]
    public void Summary() => _summary.Add(_result);

    private static FetchResult Result(int size)
    {
        var result = new FetchResult
        {
            Index = 123_456,
            Mode = "async",
            Status = 200,
            HttpVersion = "1.1",
            Attempts = 1,
            SizeDownload = size,
            SizeBody = size,
            ContentType = "text/html",
            RemoteIp = "127.0.0.1",
            RemotePort = 8080,
            LocalPort = 40_000,
            Start = 1_234_567_890,
            TimeNameLookup = 1_000,
            TimeConnect = 1_000,
            TimePreTransfer = 1_000,
            TimeStartTransfer = 500_000,
            TimeTotal = 510_000,
        };
        result.Url.Set("http://127.0.0.1:8080/123456");
        result.FinalUrl.Set("http://127.0.0.1:8080/123456");
        return result;
    }
}
