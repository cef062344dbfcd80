using System.Globalization;
using System.Text.RegularExpressions;
using Fetcher.Core;
using Fetcher.Telemetry;
using Fetcher.Tests.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Telemetry;

/// <summary>What a collector gets of a run, and what the run says when it gets less. Alone, because a listener hears all of the process.</summary>
[Collection("alone")]
public sealed partial class RunTelemetryTests
{
    private const string Endpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Every_request_is_a_span_below_that_of_the_run(string mode)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/moved" ? Response("302 Found", "", "Location: /a\r\n") : Ok()));

        var ran = await RunAsync(mode, server, ["/moved", "/a", "/b"], (Endpoint, receiver.Endpoint));

        ran.Warnings.ShouldBeEmpty();
        var run = receiver.Spans.Single(span => span.Scope == "fetcher");
        (run.Name, run.Kind, run.Parent, run.Status).ShouldBe(("fetcher", 1UL, "", 0UL));
        run.Attributes["process.exit.code"].ShouldBe(0L);
        var requests = receiver.Spans.Where(span => span.Scope == FetchTelemetry.ActivitySourceName).ToArray();
        requests.Length.ShouldBe(4);
        requests.ShouldAllBe(span => span.Parent == run.Id && span.Trace == run.Trace && span.Name == "GET" && span.Kind == 3);
        requests.ShouldAllBe(span => span.Start >= run.Start && span.End <= run.End + 1_000_000);
        requests.Select(span => span.Attributes["url.full"]).ShouldBe([server.Url("/moved"), server.Url("/a"), server.Url("/a"), server.Url("/b")], ignoreOrder: true);
        receiver.Spans.Select(span => span.Id).Distinct().Count().ShouldBe(5);
    }

    [Fact]
    public async Task The_metrics_are_those_of_all_requests()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/gone" ? Response("410 Gone") : Ok()));

        await RunAsync("async", server, ["/a", "/gone", "/b", "/c"], (Endpoint, receiver.Endpoint));

        var durations = receiver.Points.Where(point => point.Metric == "http.client.request.duration").ToArray();
        durations.Sum(point => (long)point.Count).ShouldBe(4);
        durations.ShouldAllBe(point => point.Unit == "s" && point.Temporality == 2 && point.Buckets.Length == 15 && point.Buckets.Sum(count => (long)count) == (long)point.Count);
        durations.Select(point => ((long)point.Attributes["http.response.status_code"], (string)point.Attributes.GetValueOrDefault("error.type", ""), point.Count))
            .ShouldBe([(200L, "", 3UL), (410L, "410", 1UL)], ignoreOrder: true);
        var requests = receiver.Spans.Where(span => span.Kind == 3).ToArray();
        durations.Sum(point => point.Sum).ShouldBe(requests.Sum(span => span.Seconds), 100e-9 * requests.Length, "the spans are as long, to their clock's 100 ns");
        receiver.Points.Where(point => point.Metric == "http.client.response.body.size").Sum(point => point.Sum).ShouldBe(15);
        receiver.Points.Where(point => point.Metric == "http.client.active_requests").ShouldHaveSingleItem().Sum.ShouldBe(0);
    }

    [Fact]
    public async Task Variables_say_where_and_as_whom()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = new ScriptedServer(Answer(Ok()));

        await RunAsync(
            "async", server, ["/a"], (Endpoint, receiver.Endpoint + "/otlp/"), ("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", receiver.Endpoint + "/own/metrics?x=1"),
            ("OTEL_EXPORTER_OTLP_HEADERS", "x-token=a%20b, X-Other=c=d"), ("OTEL_EXPORTER_OTLP_COMPRESSION", "gzip"), ("OTEL_SERVICE_NAME", "nightly"),
            ("OTEL_RESOURCE_ATTRIBUTES", "service.name=other,deployment.environment.name=test%2C1"));

        receiver.Requests.Select(request => request.Path).Order().ShouldBe(["/otlp/v1/traces", "/own/metrics?x=1"]);
        foreach (var request in receiver.Requests)
        {
            (request.Headers["x-token"], request.Headers["x-other"], request.Headers["content-type"], request.Headers["content-encoding"])
                .ShouldBe(("a b", "c=d", "application/x-protobuf", "gzip"));
            (request.Resource["service.name"], request.Resource["deployment.environment.name"], request.Resource["service.version"])
                .ShouldBe(("nightly", "test,1", ThisAssembly.Version));
        }
    }

    [Theory]
    [InlineData("OTEL_SDK_DISABLED", "true", false, false)]
    [InlineData("OTEL_TRACES_EXPORTER", "none", false, true)]
    [InlineData("OTEL_METRICS_EXPORTER", "none", true, false)]
    [InlineData("OTEL_TRACES_SAMPLER", "always_off", false, true)]
    [InlineData("OTEL_TRACES_EXPORTER", "otlp", true, true)]
    public async Task A_signal_can_be_turned_off(string name, string value, bool hasTraces, bool hasMetrics)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync("async", server, ["/a"], (Endpoint, receiver.Endpoint), (name, value));

        receiver.Requests.Select(request => request.Path).Order().ShouldBe([.. hasMetrics ? ["/v1/metrics"] : Array.Empty<string>(), .. hasTraces ? ["/v1/traces"] : Array.Empty<string>()]);
        ran.Warnings.ShouldBeEmpty();
    }

    [Fact]
    public async Task GRPC_is_spoken_where_it_is_asked_for()
    {
        await using var receiver = await OtlpReceiver.StartAsync(protocols: HttpProtocols.Http2);
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync("async", server, ["/a"], (Endpoint, receiver.Endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_EXPORTER_OTLP_TRACES_COMPRESSION", "gzip"));

        ran.Warnings.ShouldBeEmpty();
        receiver.Requests.Select(request => request.Path).Order().ShouldBe(
            ["/opentelemetry.proto.collector.metrics.v1.MetricsService/Export", "/opentelemetry.proto.collector.trace.v1.TraceService/Export"]);
        receiver.Spans.Count.ShouldBe(2);
        receiver.Points.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_refusal_by_gRPC_is_told_in_its_words()
    {
        await using var receiver = await OtlpReceiver.StartAsync(protocols: HttpProtocols.Http2, before: context =>
        {
            (context.Response.Headers["grpc-status"], context.Response.Headers["grpc-message"]) = ("16", "who%20are you");
            return Task.FromResult(true);
        });
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync("async", server, ["/a"], (Endpoint, receiver.Endpoint), ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc"), ("OTEL_METRICS_EXPORTER", "none"));

        ran.Warnings.ShouldHaveSingleItem().ShouldEndWith("2 of 2 spans, to " + receiver.Endpoint + "/opentelemetry.proto.collector.trace.v1.TraceService/Export: it answered with gRPC status 16: who are you");
    }

    [Fact]
    public async Task A_collector_that_is_not_there_costs_a_sentence()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync("async", server, ["/a", "/b"], (Endpoint, "http://127.0.0.1:1"));

        ran.Status.ShouldBe(0);
        ran.Warnings.ShouldHaveSingleItem().ShouldBe(
            "not all telemetry was exported: 3 of 3 spans, to http://127.0.0.1:1/v1/traces: Connection refused; the metrics, to http://127.0.0.1:1/v1/metrics: Connection refused");
    }

    [Fact]
    public async Task A_collector_that_is_busy_is_asked_again()
    {
        var asked = 0;
        await using var receiver = await OtlpReceiver.StartAsync(context =>
        {
            var isFirst = Interlocked.Increment(ref asked) == 1;
            context.Response.StatusCode = isFirst ? 503 : 200;
            return Task.FromResult(isFirst);
        });
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync("async", server, ["/a"], (Endpoint, receiver.Endpoint), ("OTEL_METRICS_EXPORTER", "none"));

        ran.Warnings.ShouldBeEmpty();
        (asked, receiver.Spans.Count).ShouldBe((2, 2));
    }

    [Fact]
    public async Task What_a_collector_rejects_is_counted()
    {
        await using var receiver = await OtlpReceiver.StartAsync(async context =>
        {
            // partial_success = 1 { rejected_spans = 1: 2, error_message = 2: "late" }
            await context.Response.Body.WriteAsync((byte[])[0x0A, 8, 0x08, 2, 0x12, 4, .. "late"u8]);
            return true;
        });
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync("async", server, ["/a", "/b"], (Endpoint, receiver.Endpoint), ("OTEL_METRICS_EXPORTER", "none"));

        ran.Warnings.ShouldHaveSingleItem().ShouldBe($"not all telemetry was exported: 2 of 3 spans, to {receiver.Endpoint}/v1/traces: the collector rejected them: late");
    }

    [Fact]
    public async Task Spans_that_find_no_room_are_counted()
    {
        var over = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var receiver = await OtlpReceiver.StartAsync(async _ =>
        {
            await over.Task;
            return false;
        });
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await RunAsync(
            "async", server, [.. Enumerable.Range(0, 20).Select(i => $"/{i}")], over.SetResult,
            (Endpoint, receiver.Endpoint), ("OTEL_METRICS_EXPORTER", "none"), ("OTEL_BSP_MAX_QUEUE_SIZE", "2"), ("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "1"));

        var told = Lost().Match(ran.Warnings.ShouldHaveSingleItem());
        told.Success.ShouldBeTrue(ran.Warnings[0]);
        var lost = int.Parse(told.Groups[1].Value, CultureInfo.InvariantCulture);
        lost.ShouldBeGreaterThanOrEqualTo(17, "one is being sent, and two wait");
        (lost + receiver.Spans.Count).ShouldBe(21);
    }

    [Theory]
    [InlineData("01", 2)]
    [InlineData("00", 0)]
    public async Task A_run_goes_on_with_the_trace_that_it_is_handed(string flags, int spans)
    {
        const string Trace = "0af7651916cd43dd8448eb211c80319c", Parent = "b7ad6b7169203331";
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var server = new ScriptedServer(Answer(Ok()));

        await RunAsync("async", server, ["/a"], (Endpoint, receiver.Endpoint), ("TRACEPARENT", $"00-{Trace}-{Parent}-{flags}"), ("TRACESTATE", "a=b"));

        receiver.Spans.Count.ShouldBe(spans, "whoever handed it down says whether it is recorded");
        receiver.Spans.ShouldAllBe(span => span.Trace == Trace && span.State == "a=b");
        receiver.Spans.Where(span => span.Scope == "fetcher").ShouldAllBe(run => run.Parent == Parent && (run.Flags & 0x300) == 0x300);
        server.Requests.ShouldHaveSingleItem().ShouldContain($"traceparent: 00-{Trace}-", Case.Insensitive);
        server.Requests[0].ShouldContain($"-{flags}\r\n");
    }

    [Fact]
    public async Task Without_a_collector_a_run_goes_on_with_the_trace_all_the_same()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        await RunAsync("async", server, ["/a"], ("TRACEPARENT", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"));

        server.Requests.ShouldHaveSingleItem().ShouldContain("traceparent: 00-0af7651916cd43dd8448eb211c80319c-", Case.Insensitive);
    }

    [Fact]
    public async Task A_run_that_fails_is_told_by_its_span()
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        var settings = OtlpSettings.Of(name => name == Endpoint ? receiver.Endpoint : null);

        (await RunTelemetry.AroundAsync(settings, default, _ => { }, () => Task.FromResult(1))).ShouldBe(1);
        await Should.ThrowAsync<FetchSetupException>(() => RunTelemetry.AroundAsync(settings, default, _ => { }, () => throw new FetchSetupException("no")));

        receiver.Spans.Select(span => (span.Status, Type: (string)span.Attributes["error.type"], Code: (long)span.Attributes.GetValueOrDefault("process.exit.code", -1L)))
            .ShouldBe([(2UL, "1", 1L), (2UL, typeof(FetchSetupException).FullName!, -1L)]);
    }

    private static Task<TracedRun> RunAsync(string mode, ScriptedServer server, string[] paths, params (string Name, string Value)[] environment) =>
        RunAsync(mode, server, paths, () => { }, environment);

    private static async Task<TracedRun> RunAsync(
        string mode, ScriptedServer server, string[] paths, Action whenOver, params (string Name, string Value)[] environment)
    {
        var warnings = new List<string>();
        string? Read(string name) => environment.Where(variable => variable.Name == name).Select(variable => variable.Value).SingleOrDefault();
        var status = await RunTelemetry.AroundAsync(OtlpSettings.Of(Read), RunTelemetry.ParentOf(Read), warnings.Add, async () =>
        {
            await ModeRun.RunAsync(mode, ModeRun.Options with { TraceParent = true }, new MemorySource([.. paths.Select(path => server.Url(path))]), new MemorySink());
            whenOver();
            return 0;
        });
        return new TracedRun(status, warnings);
    }

    [GeneratedRegex(@"^not all telemetry was exported: (\d+) of 21 spans, to .*: more than 2 waited \(OTEL_BSP_MAX_QUEUE_SIZE\)$")]
    private static partial Regex Lost();

    private sealed record TracedRun(int Status, IReadOnlyList<string> Warnings);
}
