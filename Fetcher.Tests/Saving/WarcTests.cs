using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Saving.Warc;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary>The archive of a run.</summary>
public sealed class WarcTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>The modes that see what comes over the wire.</summary>
    public static TheoryData<string> Modes => [.. ModeCatalog.All.Select(mode => mode.Name).Where(name => name != "httpclient")];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Every_exchange_stands_in_it_as_it_came_over_the_wire(string mode)
    {
        string[] responses =
        [
            Ok("hello", "X-A: b\r\n"), Chunked("chunk", "ed"), Response("302 Found", "see", "Location: /target\r\n"), Ok("target"),
            Response("404 Not Found", "gone"), "HTTP/1.1 204 No Content\r\n\r\n", "HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nto the end",
        ];
        await using var server = new ScriptedServer(AnswerAndClose(responses));
        string[] paths = ["length", "chunked", "redirect", "404", "204", "close"];

        var (outcomes, records) = await RunAsync(mode, "a.warc.gz", ModeRun.Options, [.. paths.Select(path => server.Url("/" + path))]);

        outcomes.Count.ShouldBe(6);
        records.Select(record => record.Type).ShouldBe(["warcinfo", .. Enumerable.Repeat<string[]>(["request", "response"], 7).SelectMany(x => x)]);
        Of(records, "request").ShouldBe(server.Requests);
        Of(records, "response").ShouldBe(responses);
        records.Skip(1).Select(record => record["WARC-Target-URI"]).Distinct().ShouldBe(
            [.. ((string[])["length", "chunked", "redirect", "target", "404", "204", "close"]).Select(path => server.Url("/" + path))]);
        foreach (var (request, response) in records.Skip(1).Chunk(2).Select(pair => (pair[0], pair[1])))
        {
            request["WARC-Concurrent-To"].ShouldBe(response["WARC-Record-ID"]);
            response["WARC-Concurrent-To"].ShouldBe(request["WARC-Record-ID"]);
            response["WARC-IP-Address"].ShouldBe("127.0.0.1");
            response["WARC-Truncated"].ShouldBeNull();
            (request["Content-Type"], response["Content-Type"]).ShouldBe(("application/http; msgtype=request", "application/http; msgtype=response"));
        }
    }

    [Fact]
    public async Task It_goes_on_in_another_file_once_one_is_long_enough()
    {
        await using var server = new ScriptedServer(Answer(Ok("hello")));
        var options = ModeRun.Options with { WarcPath = _folder["pages.warc.gz"], WarcMaxSize = 1 };

        await RunAsync("async", "pages.warc.gz", options, server.Url("/0"), server.Url("/1"));

        string[] names = ["pages-00001.warc.gz", "pages.warc.gz"];
        Directory.EnumerateFiles(_folder.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal).ShouldBe(names);
        WarcReader.Read(_folder["pages.warc.gz"]).Select(record => record.Type).ShouldBe(["warcinfo", "request", "response"]);
        WarcReader.Read(_folder[names[0]]).Select(record => record.Type).ShouldBe(["warcinfo", "request", "response"]);
        WarcReader.Read(_folder[names[0]])[0]["WARC-Filename"].ShouldBe(names[0]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_came_by_http_2_stands_in_it_as_http_1_1_would_have_it(string mode)
    {
        await using var origin = await KestrelOrigin.StartAsync(async context =>
        {
            context.Response.Headers.ContentLength = context.Request.Path == "/known" ? 5 : null;
            context.Response.Headers["x-name"] = "value";
            await context.Response.Body.WriteAsync("hello"u8.ToArray());
        });
        var options = ModeRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge };

        var (outcomes, records) = await RunAsync(mode, "a.warc.gz", options, origin.Url("/known"), origin.Url("/unknown"));

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.SizeBody == 5);
        records.Skip(1).ShouldAllBe(record => record["WARC-Protocol"] == "h2" && record["WARC-Truncated"] == null);
        Of(records, "request").ShouldAllBe(request => request.StartsWith("GET /") && request.EndsWith("\r\n\r\n"));
        Of(records, "response").ShouldAllBe(response => response.StartsWith("HTTP/1.1 200") && response.EndsWith("\r\n\r\nhello"));
        Of(records, "response").ShouldAllBe(response => response.Contains("\r\nx-name: value\r\n"));
        records.Where(record => record.Type == "response").Select(record => record["WARC-Payload-Digest"]).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "h2")]
    public void What_came_by_http_2_says_so(bool isHttp2, string? protocol)
    {
        using (var file = File.Create(_folder["a.warc"]))
        {
            using var records = new WarcRecords(file, compress: false);
            records.WriteInfo("a", DateTimeOffset.UnixEpoch);
            using var exchange = new WarcExchange("http://a/", DateTimeOffset.UnixEpoch, "GET / HTTP/1.1\r\n\r\n"u8.ToArray())
            {
                Head = "HTTP/1.1 200 \r\n\r\n"u8.ToArray(),
                Form = isHttp2 ? WarcForm.Http2 : WarcForm.Plain,
            };
            records.Write(exchange);
        }

        WarcReader.Read(_folder["a.warc"]).Skip(1).Select(record => record["WARC-Protocol"]).ShouldBe([protocol, protocol]);
    }

    [Fact]
    public async Task Without_gz_it_is_not_compressed()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var (_, records) = await RunAsync("async", "a.warc", ModeRun.Options, server.Url());

        (await File.ReadAllTextAsync(_folder["a.warc"], TestContext.Current.CancellationToken)).ShouldStartWith("WARC/1.1\r\nWARC-Type: warcinfo\r\n");
        records[0].ShouldSatisfyAllConditions(
            info => info["WARC-Filename"].ShouldBe("a.warc"),
            info => info.Text.ShouldContain($"software: fetcher/{ThisAssembly.Version}\r\n"));
    }

    [Fact]
    public async Task Large_bodies_and_several_loops_keep_each_to_its_own()
    {
        var bodies = Enumerable.Range(0, 20).Select(_ => Convert.ToHexString(RandomNumberGenerator.GetBytes(700_000))).ToArray();
        await using var server = new ScriptedServer(AnswerByPath(path => Ok(bodies[int.Parse(path[1..], System.Globalization.CultureInfo.InvariantCulture)])));

        var (outcomes, records) = await RunAsync(
            "async", "a.warc.gz", ModeRun.Options with { Concurrency = 8, Loops = 2, Sha256 = true }, [.. bodies.Select((_, i) => server.Url($"/{i}"))]);

        outcomes.ShouldAllBe(outcome => outcome.Ok);
        foreach (var outcome in outcomes)
        {
            var record = records.Single(record => record.Type == "response" && record["WARC-Target-URI"] == outcome.Url);
            record.Text.EndsWith("\r\n\r\n" + bodies[outcome.Index], StringComparison.Ordinal).ShouldBeTrue();
        }
    }

    [Fact]
    public async Task A_body_stays_as_it_was_coded()
    {
        var coded = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(coded, System.IO.Compression.CompressionMode.Compress))
        {
            gzip.Write("hello"u8);
        }

        var response = Ok(coded.ToArray(), "Content-Encoding: gzip\r\n");
        await using var server = new ScriptedServer(Answer(response));

        var (outcomes, records) = await RunAsync("async", "a.warc.gz", ModeRun.Options with { Compressed = true }, server.Url());

        outcomes.ShouldHaveSingleItem().SizeBody.ShouldBe(5);
        records[2].Block.ShouldBe(response);
    }

    [Theory]
    [InlineData("5\r\nhello\r\n0\r\n\r\n")]
    [InlineData("2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nX-Trailer: no payload\r\n\r\n")]
    [InlineData("5\r\nhello\r\nff")]
    [InlineData("5\r\nhello\r\nno size\r\n")]
    public async Task The_payload_is_the_body_without_its_chunks(string body)
    {
        await using var server = new ScriptedServer(AnswerAndClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body));

        var (_, records) = await RunAsync("async", "a.warc", ModeRun.Options, server.Url());

        records[2]["WARC-Payload-Digest"].ShouldBe("sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N");
    }

    [Fact]
    public async Task What_broke_off_is_marked_and_what_was_not_answered_has_a_request_alone()
    {
        await using var server = new ScriptedServer(
            AnswerAndClose("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"),
            async connection => await connection.ReadRequestAsync(),
            AnswerAndClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n14\r\n" + new string('x', 20)),
            AnswerAndClose("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\nno size\r\n"));
        var options = ModeRun.Options with { MaxFileSize = 19 };

        var (outcomes, records) = await RunAsync(
            "async", "a.warc.gz", options, server.Url("/half"), server.Url("/silent"), server.Url("/long"), server.Url("/wrong"),
            "http://127.0.0.1:1/");

        outcomes.ShouldAllBe(outcome => !outcome.Ok);
        records.Select(record => (record.Type, record["WARC-Truncated"])).ShouldBe(
        [
            ("warcinfo", null),
            ("request", null), ("response", "disconnect"),
            ("request", null),
            ("request", null), ("response", "length"),
            ("request", null), ("response", "unspecified"),
        ]);
        records[2].Text.ShouldEndWith("half");
        records[3]["WARC-Concurrent-To"].ShouldBeNull();
    }

    [Fact]
    public async Task What_fell_silent_is_marked_too()
    {
        await using var server = new ScriptedServer(FallSilent("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf"));

        // Long enough for the beginning to come, on a busy machine too.
        var options = ModeRun.Options with { ReadTimeout = TimeSpan.FromSeconds(3) };
        var (outcomes, records) = await RunAsync("async", "a.warc.gz", options, server.Url());

        outcomes.ShouldHaveSingleItem().Error.ShouldBe(FetchErrorKind.Timeout);
        records.Select(record => (record.Type, record["WARC-Truncated"])).ShouldBe([("warcinfo", null), ("request", null), ("response", "time")]);
        records[2].Text.ShouldEndWith("half");
    }

    [Fact]
    public async Task A_full_disk_stops_the_run_and_leaves_whole_records()
    {
        using var disk = TinyDisk.Mount(_folder["disk"], "256k");
        var body = Encoding.ASCII.GetString([.. Enumerable.Range(0, 40_000).Select(_ => (byte)RandomNumberGenerator.GetInt32(32, 127))]);
        await using var server = new ScriptedServer(Answer(Ok(body)));

        var ran = await FetcherProcess.RunAsync(server.Url("/[1-200]"), "--warc", _folder["disk/a.warc.gz"], "--concurrency", "2", "-q", "--retry", "0");

        ran.ExitCode.ShouldBe(1);
        ran.Error.ShouldStartWith("fetcher: the archive could not be written, so the run was stopped: ");
        server.Requests.Count.ShouldBeLessThan(200);
        WarcReader.Read(_folder["disk/a.warc.gz"]).Count.ShouldBeGreaterThan(2);
    }

    [Fact]
    public async Task A_file_that_is_there_is_not_touched()
    {
        await File.WriteAllTextAsync(_folder["a.warc"], "mine", TestContext.Current.CancellationToken);

        Should.Throw<FetchSetupException>(() => new WarcFile(_folder["a.warc"], TimeProvider.System)).Message.ShouldContain("is there already");
        (await File.ReadAllTextAsync(_folder["a.warc"], TestContext.Current.CancellationToken)).ShouldBe("mine");
    }

    [Theory]
    [InlineData("", "sha1:3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ")]
    [InlineData("hello", "sha1:VL2MMHO4YXUKFWV63YHTWSBM3GXKSQ2N")]
    public void A_digest_is_written_in_base32(string text, string digest)
    {
        using var hash = WarcText.NewHash();
        hash.AppendData(Encoding.ASCII.GetBytes(text));
        WarcText.Digest(hash.GetCurrentHash()).ShouldBe(digest);
    }

    private static string[] Of(IReadOnlyList<WarcRecord> records, string type) =>
        [.. records.Where(record => record.Type == type).Select(record => record.Text)];

    private async Task<(IReadOnlyList<Outcome> Outcomes, IReadOnlyList<WarcRecord> Records)> RunAsync(
        string mode, string file, FetchOptions options, params string[] urls)
    {
        var chosen = ModeCatalog.Find(mode)!;
        options = options with { WarcPath = _folder[file] };
        Assert.SkipWhen(chosen.WhyNot(options) is not null, $"{mode}: {chosen.WhyNot(options)}");
        var sink = new MemorySink();
        var job = new FetchJob(options, new ListWork(new MemorySource(urls), sink));
        await chosen.RunAsync(job).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        await job.CloseAsync();
        return ([.. sink.Outcomes.OrderBy(outcome => outcome.Index)], WarcReader.Read(_folder[file]));
    }
}
