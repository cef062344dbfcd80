using System.IO.Compression;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>One request and its response, whatever carries them.</summary>
public sealed class RoundTripTests
{
    private static readonly Exception Reset = Failures.NotReceived.Of("reset").Thrown();

    [Fact]
    public void A_response_is_noted_and_its_body_taken_in()
    {
        var response = ScriptedExchange.Of("200 OK", "Content-Type: text/plain\r\n", "hello", " you");
        using var scene = new FetchScene(new FetchOptions { Sha256 = true }, response).Begin();

        var reply = scene.Ask();

        reply.ShouldBe(new Reply(ReplyKind.Response, Status: 200, IsAccepted: true));
        var result = scene.Result;
        (result.Status, result.HttpVersion, result.ContentType).ShouldBe((200, "1.1", "text/plain"));
        (result.SizeDownload, result.SizeBody, result.NumConnects, result.RemoteIp, result.LocalPort).ShouldBe((9, 9, 1, "192.0.2.1", 1234));
        (response.Ends, response.IsAbandoned).ShouldBe((1, false));
        scene.Transport.Requests.ShouldHaveSingleItem().ShouldStartWith("GET / HTTP/1.1\r\nHost: a.test\r\n");
    }

    [Theory]
    [InlineData(FetchErrorKind.Receive)]
    [InlineData(FetchErrorKind.Send)]
    [InlineData(FetchErrorKind.Protocol)]
    public void A_stale_connection_is_replaced_by_a_fresh_one(FetchErrorKind kind)
    {
        var stale = new ScriptedExchange { IsKept = true, AskFailure = Of(kind), HasFirstByte = kind == FetchErrorKind.Protocol };
        using var scene = new FetchScene(null, stale, ScriptedExchange.Of("200 OK", "", "hello")).Begin();

        scene.Ask().Error.ShouldBeNull();

        scene.Transport.Opened.ShouldBe([("http://a.test/", false), ("http://a.test/", true)]);
        (stale.Ends, stale.IsAbandoned).ShouldBe((1, true));
        (scene.Result.NumConnects, scene.Result.SizeBody).ShouldBe((1, 5));
    }

    [Fact]
    public void A_408_on_a_kept_connection_is_no_answer_and_its_connection_is_given_up()
    {
        var stale = new ScriptedExchange("HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n") { IsKept = true };
        using var scene = new FetchScene(null, stale, ScriptedExchange.Of("200 OK")).Begin();

        scene.Ask().Status.ShouldBe(200);

        stale.IsAbandoned.ShouldBeTrue();
    }

    [Fact]
    public void A_connection_that_is_fresh_is_not_replaced()
    {
        foreach (var exchange in (ScriptedExchange[])[ScriptedExchange.NotAnswered(Of(FetchErrorKind.Receive)), ScriptedExchange.NotAnswered(Of(FetchErrorKind.Protocol))])
        {
            using var scene = new FetchScene(null, exchange, ScriptedExchange.Of("200 OK")).Begin();

            scene.Ask().Kind.ShouldBe(ReplyKind.NoResponse);

            (scene.Transport.Left, exchange.Ends).ShouldBe((1, 1));
        }

        using var timedOut = new FetchScene(null, ScriptedExchange.Of("408 Request Timeout"), ScriptedExchange.Of("200 OK")).Begin();
        timedOut.Ask().Status.ShouldBe(408);
    }

    [Theory]
    [InlineData(FetchErrorKind.Timeout, false)]
    [InlineData(FetchErrorKind.Receive, true)]
    public void What_may_be_the_answer_of_a_kept_connection_is_not_asked_for_again(FetchErrorKind kind, bool hasFirstByte)
    {
        var exchange = new ScriptedExchange { IsKept = true, AskFailure = Of(kind), HasFirstByte = hasFirstByte };
        using var scene = new FetchScene(null, exchange, ScriptedExchange.Of("200 OK")).Begin();

        scene.Ask().Error!.Kind.ShouldBe(kind);

        scene.Transport.Left.ShouldBe(1);
    }

    [Fact]
    public void Nothing_of_a_stale_connection_is_told_when_no_fresh_one_can_be_had()
    {
        var stale = new ScriptedExchange { IsKept = true, AskFailure = Reset };
        using var scene = new FetchScene(null, stale, ScriptedExchange.NotOpened(Of(FetchErrorKind.Connect))).Begin();

        scene.Ask().Error!.Kind.ShouldBe(FetchErrorKind.Connect);

        var result = scene.Result;
        (result.TimePreTransfer, result.TimeNameLookup, result.RemoteIp, result.NumConnects).ShouldBe((0, 0, null, 0));
    }

    [Fact]
    public void The_body_of_a_redirect_is_drained_so_that_its_connection_can_be_kept()
    {
        var redirect = ScriptedExchange.Of("302 Found", "Location: /there\r\n", "moved", "there");
        using var scene = new FetchScene(null, redirect).Begin();

        var reply = scene.Ask();

        (reply.Kind, Encoding.ASCII.GetString(reply.Location!)).ShouldBe((ReplyKind.Redirect, "/there"));
        (redirect.RunsRead, redirect.IsWhole, redirect.Ends).ShouldBe((2, true, 1));
        (scene.Result.SizeBody, scene.Result.SizeDownload).ShouldBe((0, 0));
    }

    [Fact]
    public void A_body_that_nobody_wants_is_read_only_as_far_as_another_connection_would_cost_more()
    {
        var huge = new ScriptedExchange(
            "HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n", [.. Enumerable.Repeat(new byte[16 * 1024], 100)]);
        var slow = new ScriptedExchange("HTTP/1.1 302 Found\r\nLocation: /\r\n\r\n", new byte[10]) { CanDrain = false };
        using var scene = new FetchScene(null, huge, slow).Begin();

        scene.Ask().Kind.ShouldBe(ReplyKind.Redirect);
        scene.Ask().Kind.ShouldBe(ReplyKind.Redirect);

        huge.MostDrained.ShouldBe(64 * 1024);
        (huge.RunsRead, huge.IsWhole, slow.RunsRead).ShouldBe((5, false, 0));
    }

    [Theory]
    [InlineData("302 Found")]
    [InlineData("503 Busy")]
    [InlineData("404 Not Found")]
    public void A_failure_of_a_body_that_nobody_wants_is_none_of_the_request(string status)
    {
        foreach (var failure in (Exception[])[Of(FetchErrorKind.Receive), Of(FetchErrorKind.Timeout), Of(FetchErrorKind.Protocol), new IOException("broken")])
        {
            var exchange = new ScriptedExchange($"HTTP/1.1 {status}\r\nLocation: /\r\nContent-Length: 100\r\n\r\n", new byte[10]) { BodyFailure = failure };
            using var scene = new FetchScene(null, exchange).Begin();

            var reply = scene.Ask();

            (reply.Kind, reply.Error, exchange.Ends).ShouldBe(
                (status == "302 Found" ? ReplyKind.Redirect : ReplyKind.Response, null, 1), failure.Message);
        }
    }

    [Fact]
    public void A_failure_of_a_body_that_is_wanted_breaks_the_response()
    {
        var exchange = new ScriptedExchange("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", new byte[10]) { BodyFailure = Reset };
        using var scene = new FetchScene(null, exchange).Begin();

        var reply = scene.Ask();

        (reply.Kind, reply.Status, reply.Error!.Kind, reply.IsAnswered).ShouldBe((ReplyKind.Broken, 200, FetchErrorKind.Receive, true));
        scene.Result.SizeBody.ShouldBe(10);
    }

    [Fact]
    public void A_coded_body_is_decoded_when_that_was_asked_for()
    {
        var coded = Gzip("hello hello hello hello");
        var head = $"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {coded.Length}\r\n\r\n";
        using var decoding = new FetchScene(new FetchOptions { Compressed = true }, new ScriptedExchange(head, [.. coded.Select(one => new[] { one })])).Begin();
        using var plain = new FetchScene(null, new ScriptedExchange(head, coded)).Begin();

        decoding.Ask().Error.ShouldBeNull();
        plain.Ask().Error.ShouldBeNull();

        (decoding.Result.SizeDownload, decoding.Result.SizeBody).ShouldBe((coded.Length, 23));
        (plain.Result.SizeDownload, plain.Result.SizeBody).ShouldBe((coded.Length, coded.Length));
    }

    [Fact]
    public void A_body_that_is_not_coded_as_it_says_is_told_as_such()
    {
        var exchange = new ScriptedExchange("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\n", "hello"u8.ToArray());
        using var scene = new FetchScene(new FetchOptions { Compressed = true }, exchange).Begin();

        var reply = scene.Ask();

        (reply.Kind, reply.Error!.Kind, reply.Error.IsTransient).ShouldBe((ReplyKind.Broken, FetchErrorKind.Decode, false));
    }

    [Fact]
    public void Whatever_it_looks_like_a_request_that_was_given_up_is_stopped()
    {
        using var giveUp = new CancellationTokenSource();
        var exchange = new ScriptedExchange { IsKept = true, AskFailure = Reset, OnAsk = giveUp.Cancel };
        using var scene = new FetchScene(null, exchange, ScriptedExchange.Of("200 OK")).Begin(giveUp: giveUp.Token);

        scene.Ask().Error!.Kind.ShouldBe(FetchErrorKind.Cancelled);

        (scene.Transport.Left, exchange.Ends).ShouldBe((1, 1));
    }

    [Fact]
    public void An_exception_on_the_way_is_a_reply_too()
    {
        using var scene = new FetchScene(null, ScriptedExchange.NotOpened(new InvalidOperationException("oops"))).Begin();

        var reply = scene.Ask();

        (reply.Kind, reply.Error!.Message).ShouldBe((ReplyKind.NoResponse, "fetcher failed, which is a bug in it: InvalidOperationException: oops"));
    }

    [Fact]
    public void A_body_that_announces_itself_as_too_long_is_not_read()
    {
        var exchange = new ScriptedExchange("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n", new byte[100]);
        using var scene = new FetchScene(new FetchOptions { MaxFileSize = 99 }, exchange).Begin();

        (scene.Ask().Error!.Kind, exchange.RunsRead).ShouldBe((FetchErrorKind.TooLarge, 0));
    }

    [Fact]
    public void A_part_that_nobody_asked_for_is_not_the_whole()
    {
        using var part = new FetchScene(null, ScriptedExchange.Of("206 Partial Content", "Content-Range: bytes 0-4/10\r\n", "hello")).Begin();
        using var whole = new FetchScene(null, ScriptedExchange.Of("206 Partial Content", "Content-Range: bytes 0-4/5\r\n", "hello")).Begin();

        part.Ask().Kind.ShouldBe(ReplyKind.Broken);
        whole.Ask().Kind.ShouldBe(ReplyKind.Response);
    }

    private static FetchException Of(FetchErrorKind kind) => (kind switch
    {
        FetchErrorKind.Receive => Failures.NoAnswer.Of(),
        FetchErrorKind.Send => Failures.NotSent.Of("broken pipe"),
        FetchErrorKind.Protocol => Failures.HeadInvalid.Of("no HTTP"),
        FetchErrorKind.Timeout => Failures.Silence.Of("received", 1),
        _ => Failures.NotConnected.Of("a.test", "refused"),
    }).Thrown();

    private static byte[] Gzip(string text)
    {
        using var coded = new MemoryStream();
        using (var gzip = new GZipStream(coded, CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.ASCII.GetBytes(text));
        }

        return coded.ToArray();
    }
}
