using Fetcher.Core;
using Fetcher.Core.Http.Http2;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Contracts;

/// <summary>HTTP/2 in every mode that speaks it itself: many streams on a connection, and what happens to one is nothing to the others.</summary>
public sealed class ModeHttp2StreamTests
{
    private const string Hello = "headers N 200 content-length=5 | data N hello end";

    private static readonly string[] Paths = ["/", "/empty", "/chunks"];

    public static TheoryData<string> Modes => [.. ModeRun.All.Select(row => row.Data).Where(mode => mode != "httpclient")];

    private static FetchOptions Options { get; } = ModeRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge, Concurrency = 4 };

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Many_URLs_come_over_one_connection(string mode)
    {
        await using var server = new ScriptedServer(Http2Peer.Answering(path => path switch
        {
            "/empty" => "headers N 204 end",
            "/chunks" => "headers N 103 link=x | headers N 200 | data N hel pad=7 | ping | data N | data N lo | fields N a=b end",
            _ => Hello,
        }));
        string[] urls = [.. Enumerable.Repeat(Paths, 10).SelectMany(paths => paths)];

        var outcomes = await FetchAsync(mode, server, Options, urls);

        outcomes.ShouldAllBe(o => o.Ok && o.HttpVersion == "2" && o.Attempts == 1);
        outcomes.Select(o => o.SizeBody).ShouldBe(urls.Select(path => path == "/empty" ? 0L : 5));
        server.Connections.ShouldBe(mode == "threads" ? outcomes.Sum(o => o.NumConnects) : 1);
        outcomes.Sum(o => o.NumConnects).ShouldBe(server.Connections);
        outcomes.ShouldAllBe(o => o.Connect <= o.PreTransfer && o.PreTransfer <= o.StartTransfer && o.StartTransfer <= o.Total && o.Connect > 0);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_ends_one_stream_disturbs_no_other(string mode)
    {
        var failures = new Dictionary<string, (string Answer, int ExitCode, string Message)>
        {
            ["/reset"] = ("headers N 200 | data N ab | rst N 2", 92, "the HTTP/2 stream was not closed cleanly: INTERNAL_ERROR (err 2)"),
            ["/calm"] = ("rst N 11", 92, "the HTTP/2 stream was not closed cleanly: ENHANCE_YOUR_CALM (err 11)"),
            ["/malformed"] = ("headers N 200 X=y end", 92, "the HTTP/2 stream was not closed cleanly: a character in a field name that cannot stand there"),
            ["/short"] = ("headers N 200 content-length=6 | data N hello end", 92, "the HTTP/2 stream was not closed cleanly: 1 bytes less DATA than was announced"),
            ["/announced"] = ("headers N 200 content-length=1000 | data N *16 | data N *984 end", 63, "the body is longer than 100 bytes"),
            ["/endless"] = ("headers N 200 | data N *200 | data N *16000 | data N *16000 | data N *16000 | data N *16000 | data N *16000", 63, "the body is longer than 100 bytes"),
            ["/missing"] = ("headers N 404 content-length=5 | data N hello end", 22, "the server answered 404"),
        };
        await using var server = new ScriptedServer(Http2Peer.Answering(path => failures.TryGetValue(path, out var failure) ? failure.Answer : Hello));
        string[] urls = [.. failures.Keys.SelectMany(path => new[] { "/ok", path, "/ok" })];

        var outcomes = await FetchAsync(mode, server, Options with { MaxFileSize = 100 }, urls);

        outcomes.Zip(urls).Where(pair => pair.Second == "/ok").ShouldAllBe(pair => pair.First.Ok && pair.First.SizeBody == 5);
        outcomes.Zip(urls).Where(pair => pair.Second != "/ok").Select(pair => (pair.First.ExitCode, pair.First.Message))
            .ShouldBe(failures.Values.Select(failure => (failure.ExitCode, (string?)failure.Message)));
        server.Connections.ShouldBe(mode == "threads" ? outcomes.Sum(o => o.NumConnects) : 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_silent_stream_times_out_alone(string mode)
    {
        await using var server = new ScriptedServer(Http2Peer.Answering(path => path == "/silent" ? "ping" : Hello));

        var outcomes = await FetchAsync(mode, server, Options with { ReadTimeout = TimeSpan.FromSeconds(0.5), Concurrency = 2 }, "/ok", "/silent", "/ok", "/ok");

        outcomes[1].ExitCode.ShouldBe(28);
        outcomes.Count(o => o.Ok).ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_the_server_has_not_taken_up_is_asked_again_and_is_no_attempt(string mode)
    {
        // Each connection answers two requests, and refuses the third or goes away before it.
        var served = 0;
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection, "settings 3=100");
            for (var i = 0; ; i++)
            {
                var (stream, _) = await peer.NextRequestAsync();
                var refusal = Interlocked.Increment(ref served) % 2 == 0 ? "rst N 7 | goaway N 0" : $"goaway {stream - 2} 0";
                await peer.AnswerAsync(stream, i < 2 ? Hello : refusal);
                if (i == 2)
                {
                    return;
                }
            }
        });

        var outcomes = await FetchAsync(mode, server, Options with { Concurrency = 1 }, [.. Enumerable.Repeat("/", 7)]);

        outcomes.ShouldAllBe(o => o.Ok && o.Attempts == 1);
        server.Connections.ShouldBe(4);
    }

    /// <summary>It opens streams on a new connection before it knows how many the server takes, and is unlucky four times in a row on a busy machine.</summary>
    [Fact]
    public async Task What_NETs_client_has_given_up_since_it_was_refused_is_asked_for_alone()
    {
        var asked = 0;
        await using var server = new ScriptedServer(Http2Peer.Answering(path => Interlocked.Increment(ref asked) <= 4 ? "rst N 7" : Hello));

        var outcome = (await FetchAsync("httpclient", server, Options, "/")).ShouldHaveSingleItem();

        (outcome.Message, outcome.Attempts, asked).ShouldBe((null, 1, 5));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_refuses_again_and_again_is_a_failure(string mode)
    {
        var asked = 0;
        await using var server = new ScriptedServer(Http2Peer.Answering(path =>
        {
            Interlocked.Increment(ref asked);
            return "rst N 7";
        }));

        var outcome = (await FetchAsync(mode, server, Options, "/")).ShouldHaveSingleItem();

        (outcome.ExitCode, outcome.Message).ShouldBe((92, "the HTTP/2 stream was not closed cleanly: REFUSED_STREAM (err 7)"));

        // .NET's client asks as often by itself, and once more alone on a connection.
        asked.ShouldBe(mode == "httpclient" ? 8 : 4);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task No_more_streams_are_opened_than_the_server_allows(string mode)
    {
        var peers = new List<Http2Peer>();
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection, "settings 3=1");
            lock (peers)
            {
                peers.Add(peer);
            }

            while (true)
            {
                var (stream, _) = await peer.NextRequestAsync();
                await peer.SendAsync($"headers {stream} 200");
                await peer.AnswerAsync(stream, "data N hello end");
            }
        });

        var outcomes = await FetchAsync(mode, server, Options, [.. Enumerable.Repeat("/", 20)]);

        outcomes.ShouldAllBe(o => o.Ok);
        server.Connections.ShouldBeLessThanOrEqualTo(4);
        peers.ShouldAllBe(peer => peer.MostOpen <= 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_allows_no_stream_at_first_is_waited_for(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection, "settings 3=0");
            var (first, _) = await peer.NextRequestAsync();
            await peer.AnswerAsync(first, $"{Hello} | settings 3=10");
            while (true)
            {
                var (stream, _) = await peer.NextRequestAsync();
                await peer.AnswerAsync(stream, Hello);
            }
        });

        var outcomes = await FetchAsync(mode, server, Options, [.. Enumerable.Repeat("/", 8)]);

        outcomes.ShouldAllBe(o => o.Ok);
        server.Connections.ShouldBe(mode == "threads" ? outcomes.Sum(o => o.NumConnects) : 1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_longer_than_the_windows_comes_whole(string mode)
    {
        // Three bodies of 3 MiB, each frame only when the windows allow it.
        await using var server = new ScriptedServer(connection => SendByWindowsAsync(connection, 3 << 20));

        var outcomes = await FetchAsync(mode, server, Options, "/", "/", "/");

        outcomes.ShouldAllBe(o => o.Message == null && o.SizeBody == 3L << 20);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_breaks_the_protocol_fails_all_that_is_on_it(string mode)
    {
        await using var server = new ScriptedServer(Http2Peer.Answering(path => "raw 6 0 0 00"));

        var outcomes = await FetchAsync(mode, server, Options, "/", "/", "/");

        outcomes.ShouldAllBe(o => o.ExitCode == 16 && o.Message == "the response is not valid HTTP/2: PING of a wrong length");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_flood_ends_the_connection(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            var peer = await Http2Peer.BeginAsync(connection);
            await peer.NextRequestAsync();
            var pings = Http2Script.Bytes(string.Join('|', Enumerable.Repeat("raw 6 1 0 0000000000000000", 1000)));
            while (true)
            {
                await connection.SendAsync(pings);
            }
        });

        var outcome = (await FetchAsync(mode, server, Options, "/")).ShouldHaveSingleItem();

        (outcome.ExitCode, outcome.Message).ShouldBe((16, "the response is not valid HTTP/2: too many frames that move no stream on"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_of_HTTP_1_is_told_as_such(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        });

        var outcome = (await FetchAsync(mode, server, Options, "/")).ShouldHaveSingleItem();

        (outcome.ExitCode, outcome.Message).ShouldBe((16, "127.0.0.1 does not speak HTTP/2"));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_cut_anywhere_gives_each_URL_its_one_result(string mode)
    {
        var whole = Http2Script.Bytes($"settings 3=100 | {Hello.Replace("N", "1", StringComparison.Ordinal)} | ping | headers 3 200 | data 3 abc pad=3 | fields 3 a=b end");
        for (var cut = 0; cut <= whole.Length; cut += mode == "async" ? 1 : 19)
        {
            var length = cut;
            await using var server = new ScriptedServer(async connection =>
            {
                await connection.ReadBytesAsync(24 + 9);
                await connection.SendAsync(whole[..length]);
            });

            var outcomes = await FetchAsync(mode, server, Options with { Concurrency = 2 }, "/", "/");

            outcomes.Count.ShouldBe(2);
            outcomes.ShouldAllBe(o => o.Ok || o.ExitCode == 52 || o.ExitCode == 18 || o.ExitCode == 56 || o.ExitCode == 55);
            outcomes.ShouldAllBe(o => o.Attempts == 1);
        }
    }

    private static Task<IReadOnlyList<Outcome>> FetchAsync(string mode, ScriptedServer server, FetchOptions options, params string[] paths) =>
        ModeRun.FetchAsync(mode, options, [.. paths.Select(path => server.Url(path))]);

    /// <summary>Sends bodies round about, as far as the windows go, and waits for more.</summary>
    private static async Task SendByWindowsAsync(ScriptedConnection connection, int length)
    {
        const int frame = 16_384;
        await connection.ReadBytesAsync(24);
        await connection.SendAsync(Http2Script.Bytes("settings"));
        var (forAll, first) = (65_535L, 65_535L);
        var streams = new Dictionary<int, (long Window, int Left)>();
        while (true)
        {
            var header = Http2FrameHeader.Read(await connection.ReadBytesAsync(Http2FrameHeader.Size));
            var payload = await connection.ReadBytesAsync(header.Length);
            switch (header.Type)
            {
                case Http2FrameType.Settings when payload.Length > 0:
                    for (var i = 0; i < payload.Length; i += 6)
                    {
                        first = payload[i + 1] == 4 ? (payload[i + 2] << 24) | (payload[i + 3] << 16) | (payload[i + 4] << 8) | payload[i + 5] : first;
                    }

                    break;

                case Http2FrameType.Headers:
                    streams.Add(header.Stream, (first, length));
                    await connection.SendAsync(Http2Script.Bytes($"headers {header.Stream} 200"));
                    break;

                case Http2FrameType.WindowUpdate:
                    var more = (payload[0] << 24) | (payload[1] << 16) | (payload[2] << 8) | payload[3];
                    forAll += header.Stream == 0 ? more : 0;
                    if (streams.TryGetValue(header.Stream, out var stream))
                    {
                        streams[header.Stream] = (stream.Window + more, stream.Left);
                    }

                    break;
            }

            for (var any = true; any;)
            {
                any = false;
                foreach (var (id, (window, left)) in streams.ToArray())
                {
                    if (window >= frame && forAll >= frame)
                    {
                        (any, forAll) = (true, forAll - frame);
                        await connection.SendAsync(Http2Script.Frame(0, left == frame ? 1 : 0, id, new byte[frame]));
                        streams[id] = (window - frame, left - frame);
                        if (left == frame)
                        {
                            streams.Remove(id);
                        }
                    }
                }
            }
        }
    }
}
