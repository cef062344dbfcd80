using System.Diagnostics;
using System.Diagnostics.Metrics;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Fetch;

/// <summary>
/// OpenTelemetry's conventions for HTTP clients (https://opentelemetry.io/docs/specs/semconv/http/). Alone, because a listener hears all of the process.
/// </summary>
[Collection("alone")]
public sealed class RequestTelemetryTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_request_is_measured_and_described(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("hello")));

        var heard = await HearAsync(mode, ModeRun.Options, server.Url("/a?b"));

        var tags = heard.Measured["http.client.request.duration"].ShouldHaveSingleItem().Tags;
        tags.ShouldBe(new Dictionary<string, object?>
        {
            ["http.request.method"] = "GET",
            ["server.address"] = "127.0.0.1",
            ["server.port"] = server.Port,
            ["url.scheme"] = "http",
            ["network.protocol.version"] = "1.1",
            ["http.response.status_code"] = 200,
        }, ignoreOrder: true);
        heard.Measured["http.client.response.body.size"].ShouldHaveSingleItem().Value.ShouldBe(5);
        heard.Measured["http.client.active_requests"].Select(each => each.Value).ShouldBe([1, -1]);
        var span = heard.Spans.ShouldHaveSingleItem();
        (span.DisplayName, span.Kind, span.Status).ShouldBe(("GET", ActivityKind.Client, ActivityStatusCode.Unset));
        foreach (var (name, value) in tags)
        {
            span.GetTagItem(name).ShouldBe(value, name);
        }

        span.GetTagItem("url.full").ShouldBe(server.Url("/a?b"));
        span.GetTagItem("network.peer.address").ShouldBe("127.0.0.1");
        span.GetTagItem("network.peer.port").ShouldBe(server.Port);
        span.GetTagItem("http.request.resend_count").ShouldBeNull();
        span.GetTagItem("error.type").ShouldBeNull();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_duration_contains_the_body(string mode)
    {
        var pause = TimeSpan.FromMilliseconds(100);
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nx");
            await Task.Delay(pause);
            await connection.SendAsync("y");
        });

        var heard = await HearAsync(mode, ModeRun.Options, server.Url());

        // A timer is never early.
        heard.Measured["http.client.request.duration"].ShouldHaveSingleItem().Value.ShouldBeGreaterThan(pause.TotalSeconds * 0.9);
        heard.Spans.ShouldHaveSingleItem().Duration.ShouldBeGreaterThan(pause * 0.9);
    }

    [Fact]
    public async Task Each_redirect_is_a_request_of_its_own()
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", "Location: /b\r\n"), Ok()));

        var heard = await HearAsync("async", ModeRun.Options, server.Url("/a"));

        heard.Spans.Select(span => span.GetTagItem("url.full")).ShouldBe([server.Url("/a"), server.Url("/b")]);
        heard.Spans.Select(span => span.GetTagItem("http.response.status_code")).ShouldBe([302, 200]);
        heard.Spans.Select(span => span.GetTagItem("http.request.resend_count")).ShouldBe([null, 1]);
        heard.Spans.ShouldAllBe(span => span.Status == ActivityStatusCode.Unset);
    }

    [Fact]
    public async Task A_request_without_a_response_is_not_given_that_of_the_redirect_before()
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", "Location: http://127.0.0.1:1/\r\n")));

        var heard = await HearAsync("async", ModeRun.Options, server.Url());

        heard.Spans.Select(span => span.GetTagItem("http.response.status_code")).ShouldBe([302, null]);
        heard.Spans.Select(span => span.GetTagItem("error.type")).ShouldBe([null, "connect"]);
        heard.Outcome.Status.ShouldBe(302);
    }

    [Fact]
    public async Task A_status_that_does_not_count_as_fetched_is_an_error()
    {
        await using var server = new ScriptedServer(Answer(Response("404 Not Found")));

        var heard = await HearAsync("async", ModeRun.Options, server.Url());

        heard.Spans.ShouldHaveSingleItem().Status.ShouldBe(ActivityStatusCode.Error);
        heard.Measured["http.client.request.duration"].ShouldHaveSingleItem().Tags["error.type"].ShouldBe("404");
    }

    [Fact]
    public async Task Each_attempt_is_a_request_of_its_own()
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy"), Ok()));

        var heard = await HearAsync("async", ModeRun.Options with { Retry = 1, RetryDelay = TimeSpan.Zero }, server.Url());

        heard.Spans.Select(span => span.GetTagItem("error.type")).ShouldBe(["503", null]);
        heard.Spans.Select(span => span.GetTagItem("http.request.resend_count")).ShouldBe([null, 1]);
        heard.Outcome.Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task User_info_stays_out_of_it()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var heard = await HearAsync("async", ModeRun.Options, server.Url().Replace("//", "//me:secret@", StringComparison.Ordinal));

        heard.Spans.ShouldHaveSingleItem().TagObjects.ShouldAllBe(tag => !$"{tag.Value}".Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_request_is_part_of_what_its_caller_traces()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var caller = new Activity("caller").Start();

        var heard = await HearAsync("async", ModeRun.Options, server.Url());

        heard.Spans.ShouldHaveSingleItem().TraceId.ShouldBe(caller.TraceId);
        Activity.Current.ShouldBe(caller);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Requests_side_by_side_are_not_part_of_one_another(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var caller = new Activity("caller").Start();

        var heard = await HearAsync(mode, ModeRun.Options with { Concurrency = 4 }, [.. Enumerable.Repeat(server.Url(), 12)]);

        heard.Spans.Count.ShouldBe(12);
        heard.Spans.ShouldAllBe(span => span.ParentSpanId == caller.SpanId);
    }

    [Fact]
    public async Task A_request_is_called_by_its_method()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var source = new MemorySource([server.Url()]) { Own = new UrlOptions { Method = FetchMethod.Head } };

        var heard = await HearAsync("async", ModeRun.Options, source);

        heard.Outcome.Ok.ShouldBeTrue();
        heard.Measured["http.client.request.duration"].ShouldHaveSingleItem().Tags["http.request.method"].ShouldBe("HEAD");
        var span = heard.Spans.ShouldHaveSingleItem();
        (span.DisplayName, span.GetTagItem("http.request.method")).ShouldBe(("HEAD", "HEAD"));
    }

    [Fact]
    public async Task Nobody_listening_costs_a_look_at_whether_somebody_does()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        RequestTelemetry.IsWatched.ShouldBeFalse();
        AllocationCheck.ShouldAllocateNothing(() => RequestTelemetry.IsWatched.ShouldBeFalse());
        (await HearAsync("async", ModeRun.Options, server.Url())).Spans.Count.ShouldBe(1);
        RequestTelemetry.IsWatched.ShouldBeFalse();
    }

    private static Task<Heard> HearAsync(string mode, FetchOptions options, params string[] urls) =>
        HearAsync(mode, options, new MemorySource(urls));

    private static async Task<Heard> HearAsync(string mode, FetchOptions options, MemorySource source)
    {
        var measured = new List<(string Name, Measurement Measurement)>();
        var spans = new List<Activity>();
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == FetchTelemetry.MeterName)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        meters.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Note(instrument, value, tags));
        meters.Start();
        using var activities = new ActivityListener
        {
            ShouldListenTo = source => source.Name == FetchTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStopped = activity =>
            {
                lock (spans)
                {
                    spans.Add(activity);
                }
            },
        };
        ActivitySource.AddActivityListener(activities);
        var sink = new MemorySink();
        await ModeRun.RunAsync(mode, options, source, sink);
        lock (measured)
        {
            return new Heard(measured.ToLookup(each => each.Name, each => each.Measurement), spans, sink.Outcomes.MinBy(outcome => outcome.Index)!);
        }

        void Note(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (measured)
            {
                measured.Add((instrument.Name, new Measurement(value, tags.ToArray().ToDictionary())));
            }
        }
    }

    private sealed record Heard(ILookup<string, Measurement> Measured, IReadOnlyList<Activity> Spans, Outcome Outcome);

    private sealed record Measurement(double Value, Dictionary<string, object?> Tags);
}
