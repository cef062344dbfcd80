using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a server that never ends, by too much or by too little, ends at a limit.</summary>
public sealed class ModeFloodTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(150);

    public static TheoryData<string> Modes => ModeRun.All;

    private static FetchOptions MaxTime => ModeRun.Options with { MaxTime = Short, MaxFileSize = long.MaxValue };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_header_section_that_never_ends_is_refused(string mode) =>
        await FailsAsync(mode, ModeRun.Options, Flood("HTTP/1.1 200 OK\r\n", "X-Field: value\r\n"), FetchErrorKind.Protocol, 8);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_field_that_never_ends_is_refused(string mode) =>
        await FailsAsync(mode, ModeRun.Options, Flood("HTTP/1.1 200 OK\r\nX-Field: ", "value"), FetchErrorKind.Protocol, 8);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Interim_responses_that_never_end_are_refused(string mode) =>
        await FailsAsync(mode, ModeRun.Options, Flood("", "HTTP/1.1 103 Early Hints\r\n\r\n"), FetchErrorKind.Protocol, 8);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_floods_ends_at_the_max_filesize(string mode) => await FailsAsync(
        mode, ModeRun.Options with { MaxFileSize = 10_000_000 }, Flood("HTTP/1.1 200 OK\r\n\r\n", Some), FetchErrorKind.TooLarge, 63);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_floods_ends_at_the_max_time(string mode) =>
        await FailsAsync(mode, MaxTime, Flood("HTTP/1.1 200 OK\r\n\r\n", Some), FetchErrorKind.Timeout, 28);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Tiny_chunks_that_flood_end_at_the_max_time(string mode) => await FailsAsync(
        mode, MaxTime, Flood("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"), FetchErrorKind.Timeout, 28);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_coded_body_that_floods_without_a_byte_for_the_user_ends_at_the_max_time(string mode)
    {
        // Empty gzip members (RFC 1952), one after the other.
        var empty = Encoding.Latin1.GetString([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
        await FailsAsync(
            mode,
            MaxTime with { Compressed = true },
            Flood("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", empty),
            FetchErrorKind.Timeout,
            28);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("blocking-read")]
    [InlineData("io-uring")]
    [InlineData("httpclient")]
    public async Task A_million_tiny_chunks_are_a_body_like_any_other(string mode)
    {
        const int count = 1_000_000;
        var chunks = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("1\r\nx\r\n", count)) + "0\r\n\r\n");
        await using var server = new ScriptedServer(
            Answer([.. "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"u8, .. chunks]));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Message, outcome.SizeBody).ShouldBe((null, count));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_header_section_that_drips_ends_at_the_max_time(string mode) =>
        await FailsAsync(mode, MaxTime, Drip("HTTP/1.1 200 OK\r\nX-Field: ", "x"), FetchErrorKind.Timeout, 28);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_TLS_handshake_that_drips_ends_at_the_connect_timeout(string mode)
    {
        // A handshake record that announces 16 KiB, and its bytes one by one.
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            await connection.SendAsync([22, 3, 3, 0x40, 0, 2, 0, 0x3F, 0xFC]);
            while (true)
            {
                await connection.SendAsync([0]);
                await Task.Delay(1);
            }
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.TlsUrl, ModeRun.Options with { ConnectTimeout = Short });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_TLS_handshake_that_floods_fails(string mode)
    {
        // Warning alerts are lawful, and mean nothing.
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            var alerts = Enumerable.Repeat<byte[]>([21, 3, 3, 0, 2, 1, 112], 2000).SelectMany(alert => alert).ToArray();
            while (true)
            {
                await connection.SendAsync(alerts);
            }
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.TlsUrl, ModeRun.Options with { ConnectTimeout = Short });

        outcome.Error.ShouldBeOneOf(FetchErrorKind.Timeout, FetchErrorKind.Tls);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Redirects_without_a_limit_end_at_the_max_time(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => Response("302 Found", "", $"Location: {path}x\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/"), MaxTime with { MaxRedirects = -1 });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
    }

    [Theory]
    [InlineData("file:///etc/passwd")]
    [InlineData("file://localhost/etc/passwd")]
    [InlineData("FILE:/etc/passwd")]
    [InlineData("ftp://127.0.0.1/")]
    [InlineData("gopher://127.0.0.1/_x")]
    [InlineData("dict://127.0.0.1/")]
    [InlineData("data:text/plain,hello")]
    [InlineData("javascript:alert(1)")]
    [InlineData("ws://127.0.0.1/")]
    [InlineData("unix:///tmp/socket")]
    [InlineData("http://")]
    [InlineData("http:////etc/passwd")]
    [InlineData("http://a b/")]
    [InlineData("http://127.0.0.1:99999/")]
    public async Task A_redirect_to_anything_else_than_a_lawful_http_URL_is_refused(string location)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", $"Location: {location}\r\n")));

        foreach (var mode in (string[])["async", "httpclient"])
        {
            var outcome = await ModeRun.FetchOneAsync(mode, server.Url());
            (outcome.Error, outcome.ExitCode, outcome.NumRedirects).ShouldBe((FetchErrorKind.Protocol, 1, 1), outcome.Message);
        }
    }

    private static string Some { get; } = new('x', 64 * 1024);

    /// <summary>Sends the beginning and then <paramref name="again"/> as fast as it is taken, for ever.</summary>
    private static Func<ScriptedConnection, Task> Flood(string beginning, string again) => async connection =>
    {
        var much = Encoding.Latin1.GetBytes(string.Concat(Enumerable.Repeat(again, Math.Max(1, 64 * 1024 / again.Length))));
        await connection.ReadRequestAsync();
        await connection.SendAsync(beginning);
        while (true)
        {
            await connection.SendAsync(much);
        }
    };

    /// <summary>Sends the beginning and then a little now and again, for ever.</summary>
    private static Func<ScriptedConnection, Task> Drip(string beginning, string again) => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(beginning);
        while (true)
        {
            await connection.SendAsync(again);
            await Task.Delay(1);
        }
    };

    private static async Task FailsAsync(
        string mode, FetchOptions options, Func<ScriptedConnection, Task> script, FetchErrorKind kind, int exitCode)
    {
        await using var server = new ScriptedServer(script);

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), options);

        (outcome.Error, outcome.ExitCode).ShouldBe((kind, exitCode), outcome.Message);
    }
}
