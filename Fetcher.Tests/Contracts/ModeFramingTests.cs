using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: bodies arrive whole, or the failure says what is missing (RFC 9112, section 6.3).</summary>
public sealed class ModeFramingTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_plain_response_is_fetched(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("hello", "Content-Type: text/plain\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/a?b=c"), ModeRun.Options with { Sha256 = true });

        outcome.Message.ShouldBeNull();
        outcome.Ok.ShouldBeTrue();
        outcome.Mode.ShouldBe(mode);
        outcome.Url.ShouldBe(server.Url("/a?b=c"));
        outcome.FinalUrl.ShouldBe(server.Url("/a?b=c"));
        outcome.Status.ShouldBe(200);
        outcome.HttpVersion.ShouldBe("1.1");
        outcome.ContentType.ShouldBe("text/plain");
        (outcome.SizeDownload, outcome.SizeBody).ShouldBe((5, 5));
        outcome.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("hello"u8)));
        (outcome.Attempts, outcome.NumConnects, outcome.NumRedirects, outcome.ExitCode).ShouldBe((1, 1, 0, 0));
        (outcome.RemoteIp, outcome.RemotePort).ShouldBe(("127.0.0.1", server.Port));
        outcome.LocalPort.ShouldBeGreaterThan(0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_times_of_a_transfer_are_in_order(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        long[] times =
        [
            0, outcome.NameLookup, outcome.Connect, outcome.PreTransfer, outcome.StartTransfer, outcome.Total,
        ];
        times.ShouldBeInOrder();
        outcome.NameLookup.ShouldBeGreaterThan(0);
        outcome.StartTransfer.ShouldBeGreaterThan(outcome.Connect);
        outcome.AppConnect.ShouldBe(0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_request_is_what_curl_would_send(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { UserAgent = "test", Headers = [new RequestHeader("X-One", "1")], Credentials = "me:secret" };

        await ModeRun.FetchOneAsync(mode, server.Url("/a/%7Eb/./c?d=%20e#f"), options);

        var lines = server.Requests.ShouldHaveSingleItem().TrimEnd().Split("\r\n");
        lines[0].ShouldBe("GET /a/%7Eb/c?d=%20e HTTP/1.1");
        lines.Skip(1).Order().ShouldBe(
        [
            "Accept: */*",
            "Authorization: Basic " + Convert.ToBase64String("me:secret"u8),
            $"Host: 127.0.0.1:{server.Port}",
            "User-Agent: test",
            "X-One: 1",
        ]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_user_of_a_URL_without_a_password_has_an_empty_one(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        await ModeRun.FetchOneAsync(mode, server.Url().Replace("://", "://me%40a@", StringComparison.Ordinal));

        server.Requests.ShouldHaveSingleItem().ShouldContain($"\r\nAuthorization: Basic {Convert.ToBase64String("me@a:"u8)}\r\n");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_user_of_a_URL_is_sent_as_its_bytes_whatever_they_are(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        foreach (var userInfo in (string[])["us%FCr:p%e4ss", "%C3%BC\u00fc:%zz%4", "a%3Ab:c%3A"])
        {
            await ModeRun.FetchOneAsync(mode, server.Url().Replace("://", $"://{userInfo}@", StringComparison.Ordinal));
        }

        byte[][] expected = [[.. "us"u8, 0xFC, .. "r:p"u8, 0xE4, .. "ss"u8], "\u00fc\u00fc:%zz%4"u8.ToArray(), "a:b:c:"u8.ToArray()];
        server.Requests.Select(request => request.Split("Authorization: Basic ")[1].Split("\r\n")[0]).ShouldBe(expected.Select(Convert.ToBase64String));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Fields_of_the_users_own_are_sent_in_UTF_8(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        const string text = "\u017c\u00f3\u0142\u0107", bytes = "\u00c5\u00bc\u00c3\u00b3\u00c5\u0082\u00c4\u0087";
        var options = ModeRun.Options with { UserAgent = text, Headers = [new RequestHeader("Host", text), new RequestHeader("X-A", text)] };

        (await ModeRun.FetchOneAsync(mode, server.Url(), options)).Message.ShouldBeNull();

        var request = server.Requests.ShouldHaveSingleItem();
        foreach (var name in (string[])["Host", "User-Agent", "X-A"])
        {
            request.ShouldContain($"\r\n{name}: {bytes}\r\n");
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_large_body_has_the_same_hash_in_every_mode(string mode)
    {
        var body = new byte[3_000_000];
        new Random(1).NextBytes(body);
        await using var server = new ScriptedServer(Answer(Ok(body)));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Sha256 = true });

        outcome.SizeBody.ShouldBe(body.Length);
        outcome.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(body)));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_large_body_that_nobody_looks_at_is_counted_to_the_byte_and_leaves_the_connection_in_step(string mode)
    {
        const int Length = 1_000_003;
        await using var server = new ScriptedServer(Answer(Ok(new string('x', Length))));

        var outcomes = await ModeRun.FetchAsync(
            mode, ModeRun.Options with { Concurrency = 1 }, server.Url("/1"), server.Url("/2"), server.Url("/3"));

        outcomes.Select(outcome => (outcome.Message, outcome.SizeDownload, outcome.SizeBody)).ShouldBe(
            Enumerable.Repeat<(string?, long, long)>((null, Length, Length), 3));
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_chunked_body_is_put_together_and_its_trailers_are_skipped(string mode)
    {
        await using var server = new ScriptedServer(Answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n"));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { Sha256 = true }, server.Url(), server.Url());

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.SizeBody == 11 && outcome.SizeDownload == 11);
        outcomes[0].Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("hello world"u8)));
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Chunk_sizes_may_be_padded_with_blanks(string mode)
    {
        await using var server = new ScriptedServer(Answer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5     \r\nhello\r\n6\t \r\n world\r\n0 \r\nX-Sum: 1\r\n\r\n"));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { Sha256 = true }, server.Url(), server.Url());

        outcomes.Select(outcome => (outcome.Message, outcome.SizeBody)).ShouldBe([(null, 11), (null, 11)]);
        outcomes[0].Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData("hello world"u8)));
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_minor_version_above_1_is_read_as_1(string mode)
    {
        await using var server = new ScriptedServer(Answer("HTTP/1.2 200 OK\r\nContent-Length: 5\r\n\r\nhello"));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url());

        outcomes.Select(outcome => (outcome.Message, outcome.SizeBody, outcome.HttpVersion)).ShouldBe([(null, 5, "1.1"), (null, 5, "1.1")]);
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_comes_byte_by_byte_is_put_together(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            foreach (var one in Encoding.Latin1.GetBytes(Chunked("he", "llo")))
            {
                await connection.SendAsync([one]);
            }
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Message, outcome.SizeBody).ShouldBe((null, 5));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Without_a_length_the_body_ends_with_the_connection(string mode)
    {
        await using var server = new ScriptedServer(AnswerAndClose("HTTP/1.0 200 OK\r\n\r\nhello"));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url());

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.SizeBody == 5 && outcome.HttpVersion == "1.0" && outcome.NumConnects == 1);
        server.Connections.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Statuses_without_a_body_leave_the_connection_in_step(string mode)
    {
        await using var server = new ScriptedServer(Answer(
            "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n", Ok("last")));

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, server.Url(), server.Url(), server.Url());

        outcomes.Select(outcome => (outcome.Status, outcome.SizeBody)).ShouldBe([(204, 0), (304, 0), (200, 4)]);
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Interim_responses_are_passed_over(string mode)
    {
        await using var server = new ScriptedServer(Answer("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + Ok()));

        (await ModeRun.FetchOneAsync(mode, server.Url())).Status.ShouldBe(200);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_part_that_nobody_asked_for_is_not_whole(string mode)
    {
        string[] ranges = ["bytes 0-4/20", "bytes 15-19/20", "bytes 1-5/6", "bytes 0-4/*", "bytes */5", "lines 0-4/5", "nonsense", ""];
        await using var server = new ScriptedServer(Answer(
            [.. ranges.Select(range => Response("206 Partial Content", "hello", $"Content-Range: {range}\r\n")), Response("206 Partial Content", "hello"),
            Response("206 Partial Content", "--x--", "Content-Type: multipart/byteranges; boundary=x\r\n")]));
        var options = ModeRun.Options with { Retry = 2, RetryDelay = TimeSpan.Zero };

        for (var i = 0; i < ranges.Length + 2; i++)
        {
            var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), options);
            (outcome.Error, outcome.ExitCode, outcome.Status, outcome.Attempts).ShouldBe((FetchErrorKind.Protocol, 18, 206, 1), outcome.Message);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_206_that_is_the_whole_is_taken_and_so_is_a_part_that_was_asked_for(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("206 Partial Content", "hello", "Content-Range: bytes 0-4/5\r\n")));
        await using var other = new ScriptedServer(Answer(Response("206 Partial Content", "hello", "Content-Range: bytes 5-9/20\r\n")));

        (await ModeRun.FetchOneAsync(mode, server.Url())).Message.ShouldBeNull();
        (await ModeRun.FetchOneAsync(mode, other.Url(), ModeRun.Options with { Headers = [new RequestHeader("range", "bytes=5-9")] })).Message.ShouldBeNull();
    }

    [Theory]
    [InlineData(65_000)]
    [InlineData(66_000)]
    [InlineData(130_000)]
    public async Task A_long_header_section_is_taken_up_to_the_limit_in_every_mode(int length)
    {
        await using var server = new ScriptedServer(Answer(Ok("hello", $"X-Long: {new string('x', length / 2)}\r\nX-Long: {new string('y', length / 2)}\r\n")));

        foreach (var mode in Modes)
        {
            var outcome = await ModeRun.FetchOneAsync(mode.Data, server.Url());
            (outcome.Message, outcome.SizeBody).ShouldBe((null, 5), mode.Data);
        }
    }
}
