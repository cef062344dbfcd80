using System.Buffers;
using System.Text;
using BenchmarkDotNet.Attributes;
using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Reports;

namespace Fetcher.Bench;

/// <summary>What every URL goes through besides the network: its own parsing, that of the response's header section, and its line of ndjson.</summary>
[MemoryDiagnoser]
public class TextBenchmarks
{
    private readonly byte[] _url = Encoding.ASCII.GetBytes("http://127.0.0.1:8080/path/to/page/123456?query=1");
    private readonly byte[] _head = Encoding.ASCII.GetBytes(
        "HTTP/1.1 200 OK\r\nServer: nginx\r\nDate: Tue, 06 May 2025 10:00:00 GMT\r\nContent-Type: text/html\r\nContent-Length: 600\r\n"
        + "Last-Modified: Tue, 06 May 2025 09:00:00 GMT\r\nConnection: keep-alive\r\nETag: \"6819d5d0-258\"\r\nAccept-Ranges: bytes\r\n\r\n");

    private readonly HttpUrl _parsedUrl = new();
    private readonly ResponseHead _parsedHead = new();
    private readonly NdjsonReport _report = new();
    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly FetchResult _result = new()
    {
        Index = 123_456,
        Mode = "async",
        Status = 200,
        HttpVersion = "1.1",
        Attempts = 1,
        SizeDownload = 600,
        SizeBody = 600,
        ContentType = "text/html",
        RemoteIp = "127.0.0.1",
        RemotePort = 8080,
        LocalPort = 40_000,
        Start = 1_234_567_890,
        TimePreTransfer = 2_000,
        TimeStartTransfer = 1_500_000,
        TimeTotal = 1_600_000,
    };

    [GlobalSetup]
    public void SetUp()
    {
        _result.Url.Set(_url);
        _result.FinalUrl.Set(_url);
    }

    [Benchmark]
    public bool Url() => _parsedUrl.TryParse(_url, out _);

    [Benchmark]
    public bool ResponseHeaderSection() => ResponseParser.Parse(_head, false, _parsedHead, out _, out _) == ParseStatus.Complete;

    [Benchmark]
    public int NdjsonLine()
    {
        _output.ResetWrittenCount();
        _report.Write(_output, _result);
        return _output.WrittenCount;
    }
}
