using System.Text;
using BenchmarkDotNet.Attributes;
using Fetcher.Core.Http;

namespace Fetcher.Micro;

/// <summary>The header section of a response, as nginx sends it: nine fields, 240 bytes.</summary>
public class ParserBenchmarks
{
    private readonly byte[] _head = Head(600);
    private readonly byte[] _other = Head(601);
    private readonly ResponseHead _result = new();

    /// <summary>Two heads in turn, so that each is read anew.</summary>
    [Benchmark(OperationsPerInvoke = 2)]
    public int Head_that_differs_from_the_one_before()
    {
        ResponseParser.Parse(_head, isHead: false, _result, out var first, out _);
        ResponseParser.Parse(_other, isHead: false, _result, out var second, out _);
        return first + second;
    }

    [Benchmark]
    public int Head_that_repeats_the_one_before()
    {
        ResponseParser.Parse(_head, isHead: false, _result, out var consumed, out _);
        return consumed;
    }

    private static byte[] Head(int length) => Encoding.ASCII.GetBytes(
        $"""
        HTTP/1.1 200 OK
        Server: nginx/1.22.1
        Date: Wed, 25 Nov 2026 22:45:59 GMT
        Content-Type: text/html
        Content-Length: {length}
        Last-Modified: Wed, 25 Nov 2026 22:45:58 GMT
        Connection: keep-alive
        ETag: "6b076526-258"
        Accept-Ranges: bytes


        """.ReplaceLineEndings("\r\n"));
}
