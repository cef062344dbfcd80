using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Http;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Reports;
using Fetcher.Core.Runs;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Compare;

/// <summary>
/// One round in a process of its own: fetches the list and writes what that cost to standard output, as one JSON object. It ends with the
/// process that started it, however that one ends: its standard input is a pipe whose other end closes then.
/// </summary>
internal static class RoundRun
{
    /// <summary>Transfers whose course is told, to be drawn.</summary>
    private const int MostTransfersDrawn = 500;

    public static async Task<int> RunAsync(RoundInvocation invocation, CancellationToken cancellation)
    {
        FileLimit.Raise();
        ProcessRoom.Ensure(threads: (2 * invocation.Options.Loops) + 2, files: 2 * invocation.Options.Loops);
        EndWithParent();

        // A terminal, timeout(1) and the like send their signals to the whole group; what they mean for a round is for the parent to say.
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => context.Cancel = true);
        using var hangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => context.Cancel = true);
        try
        {
            var round = await MeasureAsync(invocation, cancellation);
            Write(round);
            return 0;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or FetchSetupException)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<Round> MeasureAsync(RoundInvocation invocation, CancellationToken cancellation)
    {
        using var source = UrlSource.Open(invocation.Sources, invocation.Count, options: invocation.List);
        var sink = new RoundSink(MostTransfersDrawn);
        var crowd = invocation.Idle > 0 ? new IdleCrowd(OriginOf(invocation.IdleOrigin), invocation.Idle) : null;
        var plan = new RunPlan(invocation.Options) { Stop = cancellation, Crowd = crowd, OwnsProcess = true };
        await using var session = FetchSession.Open(plan, () => new ListWork(source, sink));
        session.Counters.KeepsBlockedSpans = true;
        var meter = new RoundMeter(session.Counters);
        Round? round = null;
        if (crowd is not null)
        {
            crowd.OnAllOpen += () => meter = new RoundMeter(session.Counters);
            crowd.OnWorkEnded = () => round = meter.Read(sink.Summary);
        }

        var end = await session.ToEndAsync();
        round ??= meter.Read(sink.Summary);
        if (end.Error is { } error)
        {
            throw error;
        }

        CheckCrowd(crowd);
        var record = RunRecord.Of(end.Loops);
        var stalls = RoundStalls.Of(sink.Summary, record);
        return round with
        {
            HttpVersions = sink.HttpVersions,
            LargestBody = sink.LargestBody,
            Streams = RoundStreams.Of(session.Counters.Streams),

            // The loops' time is that of the whole process, with the opening of idle connections.
            Stalls = stalls is not null && crowd is not null ? stalls with { Budget = [] } : stalls,
            Timeline = sink.Timeline.Rows(session.Counters.BlockedSpans, end.StartedAt, record?.Loops.SelectMany(loop => loop.Stalls) ?? []),
        };
    }

    private static void CheckCrowd(IdleCrowd? crowd)
    {
        if (crowd is not null && crowd.Opened < crowd.Count)
        {
            throw new IOException("this mode keeps no idle connections");
        }

        if (crowd is { ClosedByPeer: > 0 })
        {
            throw new IOException($"the origin closed {crowd.ClosedByPeer} of {crowd.Count} idle connections during the run");
        }
    }

    private static Endpoint OriginOf(string? text)
    {
        var url = new HttpUrl();
        return url.TryParse(Encoding.UTF8.GetBytes(text ?? ""), out var reason)
            ? new Endpoint(url.IsHttps, url.HostString, url.Port)
            : throw new UsageException($"the origin of the idle connections is no URL: {reason}");
    }

    private static void Write(Round round)
    {
        using var output = new DescriptorStream(1);
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        CompareRoundJson.WriteMembers(json, round);
        CompareRoundJson.WriteTimeline(json, round);
        json.WriteEndObject();
    }

    private static void EndWithParent()
    {
        var watch = new Thread(() =>
        {
            using var input = Console.OpenStandardInput();
            while (input.ReadByte() >= 0)
            {
            }

            Environment.Exit(CommandLine.UsageError);
        })
        { IsBackground = true, Name = "parent" };
        watch.Start();
    }
}
