using System.Text.Json;
using Fetcher.Tests.Telemetry;
using Fetcher.Tests.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The export of traces and metrics as a user has it: by variables of the environment (docs/telemetry.md).</summary>
public sealed class TelemetryTests
{
    private const int Urls = 100, BodySize = 17;

    [Theory]
    [InlineData("async")]
    [InlineData("threads")]
    [InlineData("httpclient")]
    public async Task A_collector_gets_every_URL_of_a_run(string mode)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var origin = await KestrelOrigin.StartAsync(
            async context =>
            {
                // Long beside what lies between a result's times and its span's.
                await Task.Delay(100);
                await context.Response.Body.WriteAsync(new byte[BodySize]);
            },
            protocols: HttpProtocols.Http1);

        var ran = await RunAsync(
            [origin.Url("/[1-100]"), "--mode", mode, "--concurrency", "20", "--format", "ndjson", "--traceparent"], ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Endpoint));

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        var results = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(line => line.GetProperty("url").GetString()!);
        results.Count.ShouldBe(Urls);
        var run = receiver.Spans.Single(span => span.Name == "fetcher");
        var requests = receiver.Spans.Where(span => span.Id != run.Id).ToArray();
        requests.ShouldAllBe(span => span.Name == "GET" && span.Parent == run.Id && span.Trace == run.Trace);
        requests.Select(span => (string)span.Attributes["url.full"]).ShouldBe(results.Keys, ignoreOrder: true);
        results.Values.ShouldAllBe(result => result.GetProperty("trace_id").GetString() == run.Trace);

        // The span in the middle: whatever a busy machine puts between two looks at its clock, it does to a few.
        var apart = requests.Select(span => Math.Abs((span.Seconds / results[(string)span.Attributes["url.full"]].GetProperty("time_total").GetDouble()) - 1)).Order().ToArray();
        apart[Urls / 2].ShouldBeLessThan(0.01);
        var points = receiver.Points;
        points.Where(point => point.Metric == "http.client.request.duration").Sum(point => (long)point.Count).ShouldBe(Urls);
        points.Where(point => point.Metric == "http.client.response.body.size").Sum(point => point.Sum).ShouldBe(Urls * BodySize);
        points.Where(point => point.Metric == "http.client.active_requests").Sum(point => point.Sum).ShouldBe(0);
        receiver.Requests.Select(request => request.Resource["service.instance.id"]).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_collector_that_is_not_there_changes_neither_report_nor_exit_status()
    {
        await using var origin = await KestrelOrigin.StartAsync(_ => Task.CompletedTask, protocols: HttpProtocols.Http1);
        string[] arguments = [origin.Url("/"), "--format", "csv"];

        var ran = await RunAsync(arguments, ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));
        var quiet = await RunAsync([.. arguments, "-q"], ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"));

        (ran.ExitCode, ran.Lines.Length).ShouldBe((0, 2));
        ran.Error.ShouldBe(
            "fetcher: not all telemetry was exported: 2 of 2 spans, to http://127.0.0.1:1/v1/traces: Connection refused; the metrics, to http://127.0.0.1:1/v1/metrics: Connection refused\n");
        (quiet.ExitCode, quiet.Error).ShouldBe((0, ""));
    }

    [Fact]
    public async Task A_variable_that_makes_no_sense_is_wrong_usage()
    {
        var ran = await RunAsync(["http://127.0.0.1:1/"], ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json"));

        (ran.ExitCode, ran.Output).ShouldBe((2, ""));
        ran.Error.ShouldStartWith("fetcher: OTEL_EXPORTER_OTLP_PROTOCOL is 'http/json': fetcher speaks http/protobuf and grpc\n");
    }

    private static async Task<Ran> RunAsync(string[] arguments, params (string Name, string Value)[] environment)
    {
        using var process = FetcherProcess.Start(arguments, environment);
        process.StandardInput.Close();
        var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return new Ran(process.ExitCode, await output, await error);
    }
}
