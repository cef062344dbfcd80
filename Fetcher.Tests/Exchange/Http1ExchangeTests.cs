using System.Net.Sockets;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Exchange;

/// <summary>One request and its response over a connection whose bytes are scripted: what comes of them does not depend on how they are cut.</summary>
public sealed class Http1ExchangeTests : IDisposable
{
    private static readonly FetchOptions Options = new() { UserAgent = "", RemovedHeaders = ["Accept"] };

    private readonly EventLoop _loop = new(new EpollPoller());
    private readonly Http1Transport _transport;

    public Http1ExchangeTests()
    {
        var job = new Fetcher.Core.Fetch.FetchJob(Options, new Fetcher.Core.Work.ListWork(new MemorySource([]), new MemorySink()));
        var waits = new Waits(new NoReadiness(), new NoReadiness());
        _transport = new Http1Transport(_loop, waits, Options, job.Network, job.Resolver, job.Sockets, null, most: 8, openStream: null, default);
    }

    /// <summary>Responses, what their body is, and whether their connection can be used again.</summary>
    public static TheoryData<string, string, bool> Responses => new()
    {
        { "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world", "hello world", true },
        { "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", "", true },
        { "HTTP/1.1 204 No Content\r\n\r\n", "", true },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nTrailer: x\r\n\r\n", "hello world", true },
        { "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", true },
        { "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok", "ok", false },
        { "HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok", "ok", false },
        { "HTTP/1.1 200 OK\r\n\r\nto the end", "to the end", false },
    };

    /// <summary>Responses that are broken, and curl's exit code for that.</summary>
    public static TheoryData<string, int> BrokenResponses => new()
    {
        { "", 52 },
        { "HTTP/1.1 200 OK\r\nContent-", 56 },
        { "HTTP/1.1 100 Continue\r\n\r\n", 56 },
        { "hello", 8 },
        { "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello", 18 },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", 18 },
        { "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 56 },
        { string.Concat(Enumerable.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 33)), 8 },
    };

    public void Dispose()
    {
        _transport.Dispose();
        _loop.Dispose();
    }

    [Theory]
    [MemberData(nameof(Responses))]
    public void A_response_is_the_same_however_it_is_cut(string response, string body, bool isKept)
    {
        foreach (var pieces in Cuts(response))
        {
            foreach (var keeps in (bool[])[false, true])
            {
                var (text, kept) = Run(pieces, keeps: keeps);

                (text, kept).ShouldBe((body, isKept), $"{string.Join('|', pieces)}");
            }
        }
    }

    [Theory]
    [MemberData(nameof(BrokenResponses))]
    public void What_is_broken_is_told_however_it_is_cut(string response, int exitCode)
    {
        foreach (var pieces in Cuts(response))
        {
            Should.Throw<FetchException>(() => Run(pieces)).Error.ExitCode.ShouldBe(exitCode, $"{string.Join('|', pieces)}");
        }
    }

    [Fact]
    public void A_connection_on_which_more_came_is_not_kept()
    {
        foreach (var response in (string[])["HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nokmore", "HTTP/1.1 204 No Content\r\n\r\nmore"])
        {
            Run([response]).IsKept.ShouldBeFalse();
        }
    }

    [Fact]
    public void A_connection_is_not_kept_before_the_body_is_whole()
    {
        using var stream = new PiecesStream(["HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello", " world"]);
        var exchange = Begin(stream);
        Ask(exchange);
        Take(exchange.ReadAsync()).ShouldBe(5);

        exchange.IsWhole.ShouldBeFalse();
        exchange.End();

        stream.IsOpen.ShouldBeFalse();
    }

    [Fact]
    public void A_connection_that_is_abandoned_is_not_kept_whatever_came()
    {
        using var stream = new PiecesStream(["HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"]);
        var exchange = Begin(stream);
        Ask(exchange);

        exchange.IsWhole.ShouldBeTrue();
        exchange.Abandon();

        stream.IsOpen.ShouldBeFalse();
    }

    [Fact]
    public void The_answer_to_HEAD_has_no_body()
    {
        Run(["HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n"], isHead: true).ShouldBe(("", true));
    }

    [Fact]
    public void The_request_is_sent_as_it_is_written()
    {
        using var stream = new PiecesStream(["HTTP/1.1 204 No Content\r\n\r\n"]);
        var exchange = Begin(stream);
        Ask(exchange);
        exchange.End();

        stream.Sent.ShouldBe("GET /x HTTP/1.1\r\nHost: a.test\r\n\r\n");
        stream.IsOpen.ShouldBeTrue();
    }

    [Theory]
    [InlineData("Content-Length: 100", true)]
    [InlineData("Content-Length: 1000", false)]
    [InlineData("Transfer-Encoding: chunked", true)]
    [InlineData("Connection: close\r\nContent-Length: 100", false)]
    [InlineData("X: closed at the end", false)]
    public void A_body_that_nobody_wants_is_read_where_that_can_save_the_connection(string field, bool isRead)
    {
        using var stream = new PiecesStream([$"HTTP/1.1 302 Found\r\n{field}\r\n\r\n"]);
        var exchange = Begin(stream);
        Ask(exchange);

        exchange.TryDrain(most: 100, patience: 1).ShouldBe(isRead);

        exchange.End();
    }

    /// <summary>In one piece, byte by byte, and in two pieces everywhere.</summary>
    private static IEnumerable<string[]> Cuts(string text) =>
    [
        [text], [.. text.Select(one => $"{one}")],
        .. Enumerable.Range(1, Math.Max(0, text.Length - 1)).Select(at => new[] { text[..at], text[at..] }),
    ];

    private (string Body, bool IsKept) Run(string[] pieces, bool isHead = false, bool keeps = false)
    {
        using var stream = new PiecesStream(pieces);
        var exchange = Begin(stream);
        try
        {
            Ask(exchange, isHead);
            var body = new StringBuilder();
            while (Take(exchange.ReadAsync()) > 0)
            {
                body.Append(Encoding.Latin1.GetString(exchange.Body.Span));
                if (keeps)
                {
                    exchange.Keep();
                }
            }

            exchange.End();
            return (body.ToString(), stream.IsOpen);
        }
        catch (FetchException)
        {
            exchange.End();
            stream.IsOpen.ShouldBeFalse();
            throw;
        }
    }

    private Http1Exchange Begin(PiecesStream stream)
    {
        LoopSocket.TryOpen(_loop, AddressFamily.InterNetwork, out var socket).IsError.ShouldBeFalse();
        var exchange = new Http1Exchange(_transport, Options, tape: null);
        var connection = new Connection(new ReadinessStream(_loop, socket!), stream, "192.0.2.1", 80);
        exchange.Begin(connection, Url(), null, new Limits(long.MaxValue, default), new ExchangeFacts());
        return exchange;
    }

    private static void Ask(Http1Exchange exchange, bool isHead = false)
    {
        exchange.Send(new RequestHead(new RequestWriter(Options), Url(), true, null, isHead, SpecialAnswers.None));
        while (!exchange.TakeHead(Take(exchange.ReceiveHeadAsync())))
        {
        }
    }

    private static HttpUrl Url()
    {
        var url = new HttpUrl();
        url.TryParse("http://a.test/x"u8, out _).ShouldBeTrue();
        return url;
    }

    private static T Take<T>(LoopTask<T> done)
    {
        var awaiter = done.GetAwaiter();
        awaiter.IsCompleted.ShouldBeTrue();
        return awaiter.GetResult();
    }

    /// <summary>Gives its pieces one by one, and then the end.</summary>
    private sealed class PiecesStream(string[] pieces) : DuplexStream
    {
        private readonly Queue<byte[]> _pieces = new(pieces.Where(piece => piece.Length > 0).Select(Encoding.Latin1.GetBytes));

        public string Sent { get; private set; } = "";

        /// <summary>Whether its connection has not been closed: then it is kept for the next request.</summary>
        public bool IsOpen { get; private set; } = true;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            if (buffer.IsEmpty || !_pieces.TryDequeue(out var piece))
            {
                return new ValueTask<int>(0);
            }

            piece.CopyTo(buffer);
            return new ValueTask<int>(piece.Length);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
        {
            Sent += Encoding.Latin1.GetString(data.Span);
            return default;
        }

        protected override void Dispose(bool disposing)
        {
            IsOpen = false;
            base.Dispose(disposing);
        }
    }
}
