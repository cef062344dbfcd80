using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Fetcher.Commands;
using Fetcher.Queue;
using Fetcher.Terminal;

namespace Fetcher.Tests.Commands;

/// <summary>What <c>fetcher status</c> prints of a job.</summary>
public sealed partial class JobStatusTests
{
    private static readonly JobState Running = new()
    {
        Facts = new JobFacts { Version = "1" },
        Total = 1000,
        IsSealed = true,
        Done = 400,
        Ok = 390,
        Left = 600,
        Held = 3,
        Collected = 100,
        Bytes = 5000,
        BeganAt = 1_000_000,
        Now = 11_000_000,
    };

    private static readonly WorkerState Alive = new("a-1", """{"done":300,"refused":1}""", TimeSpan.FromSeconds(20), 40);
    private static readonly WorkerState Dead = new("b-2", "{}", TimeSpan.FromSeconds(-5), 0);

    [Fact]
    public void A_job_under_way_tells_its_rate_and_when_it_will_be_done()
    {
        var table = Status(Running, [Dead, Alive]).ToTable();

        table.ShouldContain("job       j: running\nURLs      1000, 600 queued, 3 batches held, 400 done, 10 failed\nrate      40 URLs/s, 15 s left\nresults   300 unread\n");
        table.ShouldContain("worker    a-1: lease ends in 20.0 s, 40 partitions, 300 done, 1 commits refused\nworker    b-2: ended or lost 5.0 s ago");
        Status(Running, [Alive], before: (380, 10_000_000)).ToTable().ShouldContain("rate      20 URLs/s, 30 s left");
    }

    [Fact]
    public void A_job_that_nobody_works_at_has_no_rate()
    {
        Status(Running, [Dead]).ToTable().ShouldContain("rate      0 URLs/s, nobody works at it");
        JsonDocument.Parse(Status(Running, [Dead]).ToJson()).RootElement.GetProperty("eta").ValueKind.ShouldBe(JsonValueKind.Null);
        Status(Running with { Done = 1000, Left = 0 }, [Dead]).ToTable().ShouldNotContain("rate");
    }

    [Fact]
    public void Metrics_are_as_Prometheus_wants_them()
    {
        var text = Status(Running, [Alive, Dead]).ToPrometheus();

        text.ShouldEndWith("\n");
        string[] lines = text.TrimEnd('\n').Split('\n');
        lines.ShouldAllBe(line => Help().IsMatch(line) || Kind().IsMatch(line) || Value().IsMatch(line));
        var kinds = lines.Select(line => Kind().Match(line)).Where(match => match.Success).ToDictionary(match => match.Groups["name"].Value, match => match.Groups["kind"].Value);
        lines.Select(line => Help().Match(line)).Where(match => match.Success).Select(match => match.Groups["name"].Value).ShouldBe(kinds.Keys);
        lines.Select(line => Value().Match(line)).Where(match => match.Success).Select(match => match.Groups["name"].Value).Distinct().ShouldBe(kinds.Keys);
        kinds.ShouldAllBe(kind => kind.Value == "counter" == kind.Key.EndsWith("_total", StringComparison.Ordinal));
        lines.ShouldContain("fetcher_queue_done_total{queue=\"j\"} 400");
        lines.ShouldContain("fetcher_queue_worker_lease_seconds{queue=\"j\",worker=\"b-2\"} -5.000");
    }

    [Fact]
    public void A_text_that_is_watched_takes_the_place_of_the_one_before_on_a_terminal()
    {
        var (terminal, file) = (new StringWriter(CultureInfo.InvariantCulture), new StringWriter(CultureInfo.InvariantCulture));
        var (onTerminal, inFile) = (new WatchedText(terminal, new TerminalStyle(IsTerminal: true, Color: true, 80)), new WatchedText(file, TerminalStyle.Plain));
        foreach (var screen in (WatchedText[])[onTerminal, inFile])
        {
            screen.Show("a\nb\n");
            screen.Show("c\n");
        }

        terminal.ToString().ShouldBe("a\nb\n\u001b[2F\u001b[Jc\n");
        file.ToString().ShouldBe("a\nb\nc\n");
    }

    private static JobStatus Status(JobState state, IReadOnlyList<WorkerState> workers, (long, long)? before = null) =>
        new("j", state, workers, new EngineState("7.0.15", 3_000_000, 0, "noeviction", HasAppendOnlyFile: true), before);

    [GeneratedRegex(@"^# HELP (?<name>[a-z_]+) [A-Z][^\n]*\.$")]
    private static partial Regex Help();

    [GeneratedRegex("^# TYPE (?<name>[a-z_]+) (?<kind>gauge|counter)$")]
    private static partial Regex Kind();

    [GeneratedRegex("""^(?<name>[a-z_]+)\{queue="j"(,worker="[^"]+")?\} -?[0-9.]+$""")]
    private static partial Regex Value();
}
