using System.IO.Compression;
using System.Net;
using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Tests.Lab;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using Microsoft.AspNetCore.Http;
using HttpProtocol = Fetcher.Core.HttpProtocol;

namespace Fetcher.Tests.Contracts;

/// <summary>What every mode that speaks HTTP/2 does with it. A mode that learns it joins by itself.</summary>
public sealed class ModeHttp2Tests(LabFixture lab) : IClassFixture<LabFixture>
{
    public static TheoryData<string> Modes => [.. Speaking];

    /// <summary>Modes whose transfers are in one place, and share its connections.</summary>
    public static TheoryData<string> SharingModes => [.. Speaking.Except(["sequential", "threads"])];

    private static IEnumerable<string> Speaking => ModeCatalog.All.Where(mode => mode.WhyNot(Plain) is null).Select(mode => mode.Name);

    private static FetchOptions Plain { get; } = ModeRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge, Concurrency = 20 };

    private LabEndpoint Lab => new(IPAddress.Loopback, lab.Origin.HttpPort, lab.Origin.HttpsPort, lab.Origin.Http2Port, lab.Origin.CaCertificatePem);

    private FetchOptions AtLab => Plain with { Lab = Lab };

    private FetchOptions OverTls => AtLab with { Protocol = HttpProtocol.Negotiate };

    [Theory]
    [MemberData(nameof(SharingModes))]
    public async Task Many_streams_share_one_connection(string mode)
    {
        foreach (var options in (FetchOptions[])[AtLab, OverTls])
        {
            var isTls = options == OverTls;
            var outcomes = await ModeRun.FetchAsync(
                mode, options, [.. Enumerable.Range(0, 200).Select(i => $"http{(isTls ? "s" : "")}://h.test/bytes/1000?seed={i}")]);

            outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.HttpVersion == "2" && outcome.SizeBody == 1000 && outcome.Attempts == 1);
            var ports = outcomes.Select(outcome => outcome.LocalPort).Distinct().ToArray();
            ports.ShouldNotContain(0);

            // How many .NET's client makes is its own affair, but each is told.
            ports.Length.ShouldBeInRange(1, mode == "httpclient" ? 20 : 1);
            outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(ports.Length);
            outcomes.ShouldAllBe(outcome => outcome.RemoteIp == "127.0.0.1");
            outcomes.Select(outcome => outcome.RemotePort).Distinct().ShouldBe([isTls ? lab.Origin.HttpsPort : lab.Origin.Http2Port]);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_times_are_in_order_and_the_connection_is_counted_where_it_was_made(string mode)
    {
        var outcomes = await ModeRun.FetchAsync(
            mode, OverTls with { Concurrency = 1 }, "https://h.test/delay/0.05", "https://h.test/bytes/100000", "https://h.test/status/204");

        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 0, 0]);
        outcomes[0].AppConnect.ShouldBeGreaterThan(outcomes[0].Connect);
        outcomes[0].Connect.ShouldBeGreaterThan(0);
        outcomes[0].PreTransfer.ShouldBeGreaterThanOrEqualTo(outcomes[0].AppConnect);
        (outcomes[0].StartTransfer - outcomes[0].PreTransfer).ShouldBeGreaterThan(40_000_000);
        foreach (var outcome in outcomes)
        {
            outcome.StartTransfer.ShouldBeGreaterThan(outcome.PreTransfer);
            outcome.Total.ShouldBeGreaterThanOrEqualTo(outcome.StartTransfer);
            outcome.LocalPort.ShouldBe(outcomes[0].LocalPort);
        }

        outcomes.Skip(1).ShouldAllBe(outcome => outcome.Connect == outcome.PreTransfer && outcome.AppConnect == outcome.PreTransfer);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Http_1_1_is_spoken_where_it_is_wanted(string mode)
    {
        var outcome = await ModeRun.FetchOneAsync(mode, "https://h.test/get", OverTls with { Protocol = HttpProtocol.Http11 });

        (outcome.Message, outcome.HttpVersion).ShouldBe((null, "1.1"));
    }

    /// <summary>The names of fields are in lower case.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Fields_mean_what_they_mean_in_http_1_1(string mode)
    {
        var (robots, waited) = (0, 0);
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            var (path, answer) = (context.Request.Path.Value, context.Response);
            switch (path)
            {
                case "/robots.txt":
                    robots++;
                    await answer.WriteAsync("User-agent: *\nDisallow: /private");
                    break;
                case "/redirect":
                    answer.StatusCode = 302;
                    answer.Headers.Location = "/cookie";
                    answer.Headers.SetCookie = "a=b; Path=/";
                    break;
                case "/cookie":
                    await answer.WriteAsync(context.Request.Headers.Cookie.ToString());
                    break;
                case "/gzip":
                    answer.Headers.ContentEncoding = "gzip";
                    await using (var gzip = new GZipStream(answer.Body, CompressionLevel.Fastest, leaveOpen: true))
                    {
                        await gzip.WriteAsync(new byte[10_000]);
                    }

                    break;
                case "/later" when waited++ == 0:
                    answer.StatusCode = 503;
                    answer.Headers.RetryAfter = "0";
                    break;
            }
        });

        var outcomes = await ModeRun.FetchAsync(
            mode,
            Plain with { Robots = true, CookieFiles = [""], Compressed = true, Concurrency = 1, Retry = 1, RetryDelay = TimeSpan.FromMinutes(1) },
            origin.Url("/redirect"), origin.Url("/gzip"), origin.Url("/later"), origin.Url("/private"));

        outcomes.Select(outcome => (outcome.Error, outcome.Attempts)).ShouldBe([(null, 1), (null, 1), (null, 2), (FetchErrorKind.Robots, 0)], outcomes[0].Message);
        (outcomes[0].NumRedirects, outcomes[0].FinalUrl, outcomes[0].SizeBody).ShouldBe((1, origin.Url("/cookie"), 3));
        outcomes[1].SizeBody.ShouldBe(10_000);
        outcomes[1].SizeDownload.ShouldBeLessThan(10_000);
        (robots, waited).ShouldBe((1, 2));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_stream_that_is_reset_is_curls_92_and_disturbs_no_other(string mode)
    {
        var outcomes = await ModeRun.FetchAsync(
            mode, AtLab, [.. Enumerable.Range(0, 40).Select(i => i % 4 == 1 ? "http://h.test/fault/rst-stream" : "http://h.test/paced/50000?rate=500000")]);

        foreach (var outcome in outcomes)
        {
            (outcome.Message, outcome.ExitCode, outcome.HttpVersion).ShouldBe(
                outcome.Index % 4 == 1 ? ("the HTTP/2 stream was not closed cleanly: INTERNAL_ERROR (err 2)", 92, "2") : (null, 0, "2"));
        }

        outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(outcomes.Select(outcome => outcome.LocalPort).Distinct().Count());
    }

    [Theory]
    [MemberData(nameof(SharingModes))]
    public async Task A_stream_that_is_silent_too_long_or_ends_early_leaves_the_connection_to_the_others(string mode)
    {
        // The first one has a short answer: until that, and the server's SETTINGS, nobody else is on the connection.
        string[] paths = ["/get", "/fault/stall", "/fault/stall-head", "/bytes/5000000", "/paced/200000?rate=400000"];
        var outcomes = await ModeRun.FetchAsync(
            mode, AtLab with { ReadTimeout = TimeSpan.FromSeconds(0.4), MaxFileSize = 1_000_000 }, [.. paths.Select(path => "http://h.test" + path)]);

        outcomes.Select(outcome => outcome.ExitCode).ShouldBe([0, 28, 28, 63, 0]);
        outcomes[1].Message.ShouldBe("nothing could be received for 0.4 s");
        outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_request_that_the_server_had_not_begun_costs_no_attempt(string mode)
    {
        foreach (var fault in (string[])["refused", "goaway", "goaway-after"])
        {
            var outcome = await ModeRun.FetchOneAsync(mode, $"http://h.test/fault/{fault}?times=2&key={mode}-{fault}", AtLab);

            (outcome.Message, outcome.Attempts, outcome.HttpVersion).ShouldBe((null, 1, "2"), fault);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task One_that_it_never_begins_fails(string mode)
    {
        var refused = await ModeRun.FetchOneAsync(mode, "http://h.test/fault/refused", AtLab);
        var goneAway = await ModeRun.FetchOneAsync(mode, "http://h.test/fault/goaway", AtLab);

        (refused.Message, refused.ExitCode).ShouldBe(("the HTTP/2 stream was not closed cleanly: REFUSED_STREAM (err 7)", 92));
        (goneAway.Message, goneAway.ExitCode).ShouldBe(("the server ended the HTTP/2 connection: NO_ERROR (err 0)", 16));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_no_http_2_is_curls_16(string mode)
    {
        foreach (var answer in (string[])["\u0016\u0003\u0001 this is no HTTP\n\n\0\0\0\0", Scripts.Ok()])
        {
            // It stays, since .NET's client may see the end of a connection before what came over it.
            await using var server = new ScriptedServer(async connection =>
            {
                await connection.ReadRequestAsync();
                await connection.SendAsync(answer);
                await connection.HoldAsync();
            });
            var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/"), Plain);

            outcome.Message.ShouldNotBeNull().ShouldContain("HTTP/2");
            outcome.ExitCode.ShouldBe(16, outcome.Message);
            outcome.Error.ShouldBe(FetchErrorKind.Protocol);
        }
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_without_http_2_is_told_from_one_that_fails(string mode)
    {
        using var certificates = new Certificates();
        using var certificate = certificates.Issue("127.0.0.1");
        await using var server = new ScriptedServer(certificate, Scripts.Answer(Scripts.Ok()));
        var negotiated = await ModeRun.FetchOneAsync(mode, server.Url("/"), Plain with { Protocol = HttpProtocol.Negotiate, Insecure = true });
        var demanded = await ModeRun.FetchOneAsync(mode, server.Url("/"), Plain with { Insecure = true });

        (negotiated.Message, negotiated.HttpVersion).ShouldBe((null, "1.1"));
        (demanded.Message, demanded.ExitCode).ShouldBe(("127.0.0.1 does not speak HTTP/2", 16));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_breaks_fails_what_is_on_it_and_is_replaced(string mode)
    {
        var outcomes = await ModeRun.FetchAsync(
            mode, AtLab with { Concurrency = 1 }, "http://h.test/fault/reset", "http://h.test/get", "http://h.test/fault/truncate", "http://h.test/get");

        outcomes.Select(outcome => outcome.Ok).ShouldBe([false, true, false, true]);
        outcomes.Select(outcome => outcome.NumConnects).ShouldBe([1, 1, 0, 1]);
        outcomes.Where(outcome => !outcome.Ok).ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Receive);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_proxy_leads_to_it_by_a_tunnel(string mode)
    {
        await using var origin = await KestrelOrigin.StartAsync(context => context.Response.WriteAsync("hello"));
        await using var proxy = new ScriptedServer(ProxyScripts.Tunnel(origin.Port));
        var options = Plain with
        {
            Proxies = new ProxyOptions(new ProxyAddress(ProxyScheme.Http, "127.0.0.1", proxy.Port, null), null, NoProxyList.Empty),
        };

        var outcome = await ModeRun.FetchOneAsync(mode, "http://a.test/x", options);

        (outcome.Message, outcome.HttpVersion, outcome.SizeBody).ShouldBe((null, "2", 5));
        proxy.Requests.Single().ShouldStartWith("CONNECT a.test:80 ");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_unix_socket_leads_to_it(string mode)
    {
        using var folder = new TempFolder();
        await using var origin = await KestrelOrigin.StartAsync(context => context.Response.WriteAsync("hello"), unixSocket: folder["socket"]);

        var outcome = await ModeRun.FetchOneAsync(mode, "http://a.test/x", Plain with { UnixSocket = folder["socket"] });

        (outcome.Message, outcome.HttpVersion, outcome.SizeBody).ShouldBe((null, "2", 5));
    }

    [Theory]
    [MemberData(nameof(SharingModes))]
    public async Task More_transfers_than_streams_make_more_connections(string mode)
    {
        await using var origin = await KestrelOrigin.StartAsync(
            async context =>
            {
                await Task.Delay(20);
                await context.Response.Body.WriteAsync(new byte[context.Connection.RemotePort]);
            },
            kestrel => kestrel.Limits.Http2.MaxStreamsPerConnection = 5);
        var outcomes = await ModeRun.FetchAsync(mode, Plain, [.. Enumerable.Repeat(origin.Url("/"), 200)]);

        // The body's size is the port that the server saw.
        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == 1 && outcome.SizeBody == outcome.LocalPort);
        // .NET's client opens one more when requests wait, and another connection may have taken them before that is there: each that was used is told.
        var used = mode == "httpclient" ? outcomes.Select(outcome => outcome.LocalPort).Distinct().Count() : origin.Connections;
        outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(used);
        used.ShouldBeInRange(2, 20);
    }

    /// <summary>A server that is not read from may send a window's worth, and no more.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_window_is_as_large_as_it_was_asked_for(string mode)
    {
        const int Window = 100_000, Length = 1_000_000;
        var announced = 0L;
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadBytesAsync("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length);
            var header = await connection.ReadBytesAsync(9);
            header[3].ShouldBe((byte)4, "SETTINGS come first");
            foreach (var setting in (await connection.ReadBytesAsync((header[1] << 8) + header[2])).Chunk(6))
            {
                announced = setting[1] == 4 ? System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(setting.AsSpan(2)) : announced;
            }
        });
        await ModeRun.FetchOneAsync(mode, server.Url("/"), Plain with { Http2Window = Window });
        var whole = await ModeRun.FetchOneAsync(mode, $"http://h.test/bytes/{Length}", AtLab with { Http2Window = Window });

        announced.ShouldBe(Window);
        whole.SizeBody.ShouldBe(Length);
    }
}
