using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;
using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: --traceparent says of each request which trace it is part of (https://www.w3.org/TR/trace-context/). Alone, because a listener hears
/// all of the process.
/// </summary>
[Collection("alone")]
public sealed partial class ModeTraceTests
{
    private static readonly FetchOptions Traced = ModeRun.Options with { TraceParent = true };

    public static TheoryData<string> Modes => ModeRun.All;

    public static TheoryData<string> ModesOfHttp2 =>
        [.. ModeCatalog.All.Where(mode => mode.WhyNot(Traced with { Protocol = HttpProtocol.Http2PriorKnowledge }) is null).Select(mode => mode.Name)];

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Each_request_is_a_span_of_its_own_and_each_URL_a_trace(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/a" ? Response("302 Found", "", "Location: /b\r\n") : Ok()));

        var outcomes = await ModeRun.FetchAsync(mode, Traced, server.Url("/a"), server.Url("/c"));

        var sent = server.Requests.Select(FieldOf).ToArray();
        sent.Length.ShouldBe(3);
        sent.Select(field => field.Span).Distinct().Count().ShouldBe(3);
        sent.Select(field => field.Trace).ShouldBe([outcomes[0].TraceId, outcomes[0].TraceId, outcomes[1].TraceId]);
        outcomes[1].TraceId.ShouldNotBe(outcomes[0].TraceId);
        sent.ShouldAllBe(field => field.Flags == "01", "nobody else records the trace");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_further_attempt_is_another_span_of_the_same_trace(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy"), Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Traced with { Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1) });

        var sent = server.Requests.Select(FieldOf).ToArray();
        sent.Select(field => field.Trace).ShouldBe([outcome.TraceId, outcome.TraceId]);
        sent.Select(field => field.Span).Distinct().Count().ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(ModesOfHttp2))]
    public async Task Streams_say_it_as_well(string mode)
    {
        var fields = new ConcurrentDictionary<string, string>();
        await using var origin = await KestrelOrigin.StartAsync(context =>
        {
            fields[context.Request.Path] = context.Request.Headers.TraceParent.ToString();
            return Task.CompletedTask;
        });

        var outcomes = await ModeRun.FetchAsync(
            mode, Traced with { Protocol = HttpProtocol.Http2PriorKnowledge, Concurrency = 4 }, [.. Enumerable.Range(0, 12).Select(i => origin.Url($"/{i}"))]);

        outcomes.ShouldAllBe(outcome => outcome.HttpVersion == "2");
        Enumerable.Range(0, 12).Select(i => Parse(fields[$"/{i}"]).Trace).ShouldBe(outcomes.Select(outcome => outcome.TraceId));
        fields.Values.Select(field => Parse(field).Span).Distinct().Count().ShouldBe(12);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_field_names_the_span_that_is_recorded(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", "Location: /b\r\n"), Ok()));
        var spans = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == FetchTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var caller = new Activity("caller") { TraceStateString = "a=b" }.Start();

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/a"), Traced);

        var sent = server.Requests.Select(FieldOf).ToArray();
        sent.Select(field => field.Span).ShouldBe(spans.Select(span => span.SpanId.ToHexString()));
        sent.ShouldAllBe(field => field.Trace == caller.TraceId.ToHexString() && field.Flags == "01");
        server.Requests.ShouldAllBe(request => request.Contains("\r\ntracestate: a=b\r\n", StringComparison.OrdinalIgnoreCase));
        outcome.TraceId.ShouldBe(caller.TraceId.ToHexString());
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_users_own_field_is_sent_instead(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        await ModeRun.FetchOneAsync(mode, server.Url(), Traced with { Headers = [new RequestHeader("Traceparent", "mine")] });

        Regex.Count(server.Requests.ShouldHaveSingleItem(), "\r\ntraceparent: ", RegexOptions.IgnoreCase).ShouldBe(1);
        server.Requests[0].ShouldContain("Traceparent: mine\r\n", Case.Insensitive);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Unasked_there_is_none(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        server.Requests.ShouldHaveSingleItem().ShouldNotContain("traceparent", Case.Insensitive);
        outcome.TraceId.ShouldBeNull();
    }

    private static Field FieldOf(string request) => Parse(LineOf().Match(request).Groups[1].Value);

    private static Field Parse(string value)
    {
        var match = Version0().Match(value);
        match.Success.ShouldBeTrue(value);
        return new Field(match.Groups[1].Value, match.Groups[2].Value, match.Groups[3].Value);
    }

    [GeneratedRegex("\r\ntraceparent: ([^\r]*)\r\n", RegexOptions.IgnoreCase)]
    private static partial Regex LineOf();

    [GeneratedRegex("^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$")]
    private static partial Regex Version0();

    private sealed record Field(string Trace, string Span, string Flags);
}
