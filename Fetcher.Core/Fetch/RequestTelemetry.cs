using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Measures single requests for whoever listens to <see cref="FetchTelemetry"/>: each attempt and each redirect is one of its own, from before its
/// connection is taken or opened to the last byte of its body. Nobody listening costs a look at whether somebody does.
/// </summary>
/// <param name="job">The run.</param>
/// <param name="roundTrip">Makes the request.</param>
internal sealed class RequestTelemetry(FetchJob job, RoundTrip roundTrip)
{
    private static readonly Meter Meter = new(FetchTelemetry.MeterName, ThisAssembly.Version);
    private static readonly ActivitySource Source = new(FetchTelemetry.ActivitySourceName, ThisAssembly.Version);

    private static readonly Histogram<double> Duration = Meter.CreateHistogram(
        "http.client.request.duration",
        "s",
        "Duration of HTTP client requests, with connecting, to the last byte of the response's body.",
        tags: null,
        new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10] });

    private static readonly Histogram<long> BodySize = Meter.CreateHistogram<long>(
        "http.client.response.body.size", "By", "Size of HTTP client response bodies as sent, before content coding is undone.");

    private static readonly UpDownCounter<long> Active = Meter.CreateUpDownCounter<long>(
        "http.client.active_requests", "{request}", "Number of active HTTP requests.");

    /// <summary>Whether anybody listens.</summary>
    public static bool IsWatched => Duration.Enabled || Source.HasListeners() || BodySize.Enabled || Active.Enabled;

    private readonly bool _saysTrace = job.Options.TraceParent;

    /// <summary>Asks, and measures it when anybody listens.</summary>
    public LoopTask<Reply> AskAsync(Transfer transfer) =>
        IsWatched ? AskWatchedAsync(transfer) : _saysTrace ? AskInTraceAsync(transfer) : roundTrip.AskAsync(transfer);

    private LoopTask<Reply> AskInTraceAsync(Transfer transfer)
    {
        SayTrace(transfer, activity: null);
        return roundTrip.AskAsync(transfer);
    }

    private async LoopTask<Reply> AskWatchedAsync(Transfer transfer)
    {
        var url = transfer.Current;
        var method = FetchMethods.NameOf(transfer.Result.Method);
        var tags = new TagList
        {
            { "http.request.method", method },
            { "server.address", url.HostString },
            { "server.port", url.Port },
            { "url.scheme", url.IsHttps ? "https" : "http" },
        };
        using var activity = Start(method, tags, transfer, resend: transfer.Requests);
        SayTrace(transfer, activity);
        var isCounted = Active.Enabled;
        if (isCounted)
        {
            Active.Add(1, tags);
        }

        var before = Before.Take(transfer.Result);
        var start = MonotonicClock.Now(job.Clock);
        var reply = await roundTrip.AskAsync(transfer).ConfigureAwait(false);
        var seconds = (MonotonicClock.Now(job.Clock) - start) / 1e9;
        if (isCounted)
        {
            Active.Add(-1, tags);
        }

        var error = ErrorOf(transfer, reply);
        AddOutcome(ref tags, transfer.Result, error);
        Duration.Record(seconds, tags);
        BodySize.Record(transfer.Result.SizeDownload, tags);
        End(activity, transfer.Result, error, seconds);
        before.GiveBack(transfer.Result);
        return reply;
    }

    private static Activity? Start(string method, in TagList tags, Transfer transfer, int resend)
    {
        if (!Source.HasListeners())
        {
            return null;
        }

        // A sampler decides by what is there at the start.
        var attributes = new ActivityTagsCollection(tags) { ["url.full"] = transfer.Current.ToString() };
        if (resend > 0)
        {
            attributes["http.request.resend_count"] = resend;
        }

        // A loop's methods share one context, so that a current activity would become the parent of whatever transfer comes next.
        var around = Activity.Current;
        var activity = Source.StartActivity(method, ActivityKind.Client, parentContext: default, attributes);
        Activity.Current = around;
        return activity;
    }

    /// <summary>Notes the trace in the result, and readies the field that tells the server, where it is asked for.</summary>
    private void SayTrace(Transfer transfer, Activity? activity)
    {
        if (activity is null && !_saysTrace)
        {
            return;
        }

        // Nobody records the request itself: it is part of its caller's trace all the same, or else of one that the servers are to record.
        var around = activity ?? Activity.Current;
        var trace = around?.TraceId ?? (transfer.Result.TraceId is null ? ActivityTraceId.CreateRandom() : transfer.Trace);
        (transfer.Trace, transfer.Result.TraceId) = (trace, trace.ToHexString());
        if (_saysTrace)
        {
            transfer.TraceLines = TraceContext.Lines(
                trace, activity?.SpanId ?? ActivitySpanId.CreateRandom(), around?.Recorded ?? true, around?.TraceStateString);
        }
    }

    /// <summary>A status that does not count as fetched is an error, unless it is a redirect that is followed.</summary>
    private static string? ErrorOf(Transfer transfer, Reply reply) => reply switch
    {
        { Error: { } error } => error.KindName,
        { Kind: ReplyKind.Redirect } => null,
        { IsAccepted: true } => null,
        _ when transfer.Body.File is { IsResumed: true } => null,
        _ => reply.Status.ToString(CultureInfo.InvariantCulture),
    };

    private static void AddOutcome(ref TagList tags, FetchResult result, string? error)
    {
        if (result.HttpVersion is { } version)
        {
            tags.Add("network.protocol.version", version);
            tags.Add("http.response.status_code", result.Status);
        }

        if (error is not null)
        {
            tags.Add("error.type", error);
        }
    }

    private static void End(Activity? activity, FetchResult result, string? error, double seconds)
    {
        if (activity is null)
        {
            return;
        }

        var tags = default(TagList);
        AddOutcome(ref tags, result, error);
        foreach (var (name, value) in tags)
        {
            activity.SetTag(name, value);
        }

        if (result.RemoteIp is not null)
        {
            activity.SetTag("network.peer.address", result.RemoteIp);
            activity.SetTag("network.peer.port", result.RemotePort);
        }

        activity.SetTag("http.response.body.size", result.SizeDownload);
        if (error is not null)
        {
            activity.SetStatus(ActivityStatusCode.Error);
        }

        // The histogram and the span say the same.
        activity.SetEndTime(activity.StartTimeUtc + TimeSpan.FromSeconds(seconds));
    }

    /// <summary>
    /// What the result knew from the request before, the redirect that led here. It is put away, so that a request without a response is not given that
    /// of another, and comes back if there was none: the result is about the last response.
    /// </summary>
    private readonly record struct Before(int Status, string? HttpVersion, string? RemoteIp)
    {
        public static Before Take(FetchResult result)
        {
            var before = new Before(result.Status, result.HttpVersion, result.RemoteIp);
            (result.Status, result.HttpVersion, result.RemoteIp) = (0, null, null);
            return before;
        }

        public void GiveBack(FetchResult result)
        {
            if (result.HttpVersion is null)
            {
                (result.Status, result.HttpVersion) = (Status, HttpVersion);
            }

            result.RemoteIp ??= RemoteIp;
        }
    }
}
