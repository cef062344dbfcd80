using System.Net;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class JsonReportTests
{
    [Fact]
    public void A_report_without_results_is_valid() =>
        Parse(Sample.WriteAll(new JsonReport(), Sample.Run())).GetProperty("results").GetArrayLength().ShouldBe(0);

    [Fact]
    public void The_results_are_the_lines_of_the_ndjson()
    {
        FetchResult[] results = [Sample.Result(), Sample.Failed(1), Sample.Result(2)];
        var elements = Parse(Sample.WriteAll(new JsonReport(), Sample.Run(), results)).GetProperty("results").EnumerateArray();
        elements.Select(element => element.GetRawText() + "\n")
            .ShouldBe(results.Select(result => Sample.Write(new NdjsonReport(), result)));
    }

    [Fact]
    public void The_run_says_what_was_done_where_and_when()
    {
        var run = Parse(Sample.WriteAll(new JsonReport(), Sample.Run("lab"))).GetProperty("run");
        run.GetProperty("mode").GetString().ShouldBe("async");
        run.GetProperty("version").GetString().ShouldBe("0.1.0");
        run.GetProperty("started").GetString().ShouldBe("2026-01-02T03:04:05Z");
        run.GetProperty("kernel").GetString().ShouldBe("6.1.0");
        run.GetProperty("machine").GetRawText().ShouldBe("""{"cpus":2,"arch":"x64"}""");
        run.GetProperty("network").GetString().ShouldBe("lab");
        run.GetProperty("sources").GetRawText().ShouldBe("""["urls.txt"]""");
        run.GetProperty("count").GetInt32().ShouldBe(1);
    }

    [Fact]
    public void The_options_are_written_in_seconds_bytes_and_words()
    {
        var run = Sample.Run() with
        {
            Options = new FetchOptions
            {
                Concurrency = 3,
                PerHost = 2,
                StartInterval = TimeSpan.FromMilliseconds(50),
                AddressFamily = AddressFamilyChoice.IPv6Only,
                MaxTime = TimeSpan.FromSeconds(1.5),
                CpuBurst = TimeSpan.FromMilliseconds(2),
                AcceptStatus = StatusSet.Parse("200,404"),
                StartIntervalPerHost = TimeSpan.FromMilliseconds(200),
                Robots = true,
                RemovedHeaders = ["Accept"],
                Cookie = "a=b",
                CookieJarPath = "jar",
                Resolve = [new ResolveEntry("*", 80, [IPAddress.Loopback, IPAddress.IPv6Loopback]), new ResolveEntry("::2", 81, [IPAddress.Parse("127.0.0.2")])],
                ConnectTo = [new ConnectTo("", 0, "b", 81), new ConnectTo("::1", 80, "", 0)],
                Proxies = new ProxyOptions(new ProxyAddress(ProxyScheme.Socks5, "::1", 1080, "me:hidden"), null, NoProxyList.Parse("a,b"), Tunnel: true),
            },
        };
        Parse(Sample.WriteAll(new JsonReport(), run)).GetProperty("run").GetProperty("options").GetRawText().ShouldBe(
            $$"""
            {"concurrency":3,"per_host":2,"start_interval":0.05,"loops":1,"header_names":[],
            "user_agent":"fetcher/{{Fetcher.Core.ThisAssembly.Version}}","insecure":false,"follow_redirects":true,"max_redirects":10,
            "address_family":"ipv6","compressed":false,"connect_timeout":10,"max_time":1.5,"read_timeout":30,"speed_limit":0,"speed_time":30,
            "retry":2,"retry_delay":null,"retry_max_time":null,"retry_all_errors":false,"accept_status":"200,404",
            "max_filesize":1073741824,"cpu_burst":0.002,"sha256":false,
            "start_interval_per_host":0.2,"limit_rate":0,"adaptive":false,"robots":true,"circuit_breaker":20,"circuit_break":5,
            "removed_header_names":["Accept"],"user":false,"cookie":true,"cookie_files":[],"cookie_jar":"jar",
            "resolve":["*:80:127.0.0.1,::1","[::2]:81:127.0.0.2"],"connect_to":["::b:81","[::1]:80::"],
            "interface":null,"unix_socket":null,"http1_0":false,"tls_min":"1.2","tls_max":"1.3","cacert":null,"cert":null,"key":null,
            "proxy_http":"socks5://[::1]:1080","proxy_https":null,"noproxy":"a,b","proxy_user":true,"proxytunnel":true,
            "proxy_insecure":false,"proxy_cacert":null,
            "output_dir":null,"output_template":"{name}","skip_existing":false,"continue":false,"journal":null,"revalidate":null,
            "warc":null,"stalls":false,"http_protocol":"negotiate",
            "http2_window":null,"http2_connection_window":null,"include_headers":null,"duration":null,"retry_on":"408,425,429,500,502-504","oauth2_bearer":false,"netrc_file":null,"netrc_optional":false,"dns_ttl":null,"dns_servers":[],"hsts":null,"remote_header_name":false,"remote_time":false,"warc_max_size":null,"traceparent":false}
            """.ReplaceLineEndings(""));
    }

    [Fact]
    public void The_summary_has_the_counts_and_the_cost()
    {
        var summary = Summary(Sample.Result(), Sample.Result(1), Sample.Failed(2));
        Number("urls").ShouldBe(3);
        Number("ok").ShouldBe(2);
        Number("failed").ShouldBe(1);
        Number("bytes").ShouldBe(2468);
        Number("bytes_body").ShouldBe(11356);
        Number("wall").ShouldBe(2);
        Number("requests_per_second").ShouldBe(1.5m);
        Number("cpu_user").ShouldBe(0.25m);
        Number("cpu_system").ShouldBe(0.125m);
        Number("max_rss").ShouldBe(20 << 20);
        Number("voluntary_context_switches").ShouldBe(1000);
        Number("involuntary_context_switches").ShouldBe(10);
        Number("connects").ShouldBe(5);
        Number("redirects").ShouldBe(0);
        Number("retries").ShouldBe(2);
        Number("client_stall").ShouldBe(0);
        summary.GetProperty("statuses").GetRawText().ShouldBe("""{"200":2}""");

        decimal Number(string name) => summary.GetProperty(name).GetDecimal();
    }

    [Fact]
    public void The_summary_has_the_distribution_of_each_time()
    {
        var summary = Summary(Sample.Result(), Sample.Result(1));
        summary.GetProperty("time_total").GetRawText()
            .ShouldBe("""{"count":2,"min":0.301,"mean":0.301,"p50":0.301,"p90":0.301,"p95":0.301,"p99":0.301,"p99_9":0.301,"p99_99":0.301,"max":0.301}""");
        summary.GetProperty("time_connect").GetProperty("max").GetDecimal().ShouldBe(0.002m);
        summary.GetProperty("time_appconnect").GetProperty("max").GetDecimal().ShouldBe(0);
    }

    [Fact]
    public void The_parts_of_a_loops_time_add_up_however_short_it_was()
    {
        var loop = WatchedSample.Record.Loops[0] with { From = 0, To = 3_701, Budget = [("other", 2_467), ("idle", 1_234)] };
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(output))
        {
            json.WriteStartObject();
            StallJson.WriteMembers(json, WatchedSample.Record with { Loops = [loop] });
            json.WriteEndObject();
        }

        var written = JsonDocument.Parse(output.WrittenMemory).RootElement.GetProperty("loops")[0];
        written.GetProperty("wall").GetDecimal().ShouldBe(0.000003701m);
        written.GetProperty("budget").EnumerateObject().Sum(part => part.Value.GetDecimal()).ShouldBe(0.000003701m);
    }

    [Fact]
    public void The_summary_says_which_phase_dominated()
    {
        var summary = Summary(Sample.Result());
        summary.GetProperty("dominant_phase").GetString().ShouldBe("receive");
        summary.GetProperty("phases").GetProperty("receive").GetProperty("share").GetDecimal().ShouldBe(0.658m);
        summary.GetProperty("phases").GetProperty("wait").GetProperty("p50").GetDecimal().ShouldBe(0.101m);
    }

    [Fact]
    public void The_summary_shows_failures_and_slow_hosts()
    {
        var summary = Summary(Sample.Result(), Sample.Failed(1, "http://b/ö", message: "bad \u001b[31m name"));
        summary.GetProperty("failures").GetRawText().ShouldBe(
            """[{"kind":"connect","count":1,"examples":[{"index":1,"url":"http://b/ö","message":"bad \u001B[31m name"}]}]""");
        summary.GetProperty("slowest_hosts").GetRawText().ShouldBe(
            """[{"host":"a","time_total":0.301,"url":"http://a/"},{"host":"b","time_total":0.004,"url":"http://b/ö"}]""");
    }

    private static JsonElement Summary(params FetchResult[] results) =>
        Parse(Sample.WriteAll(new JsonReport(), Sample.Run(), results)).GetProperty("summary");

    private static JsonElement Parse(string json) => JsonDocument.Parse(json).RootElement;
}
