using System.Text.Json;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The files that a watched run of the program writes for other programs to draw, by the formats these read.</summary>
public sealed class PicturesOfRunsTests(PicturesOfRunsTests.WatchedFiles files) : IClassFixture<PicturesOfRunsTests.WatchedFiles>
{
    private const int Transfers = 30;

    [Fact]
    public void The_archive_is_one_that_browsers_import()
    {
        SchemaCheck.Problems("har.schema.json", files.Har).ShouldBeEmpty();
        var entries = JsonDocument.Parse(files.Har).RootElement.GetProperty("log").GetProperty("entries").EnumerateArray().ToArray();

        // HAR 1.2: ssl is part of connect, and -1 is a phase that did not apply.
        entries.Length.ShouldBe(Transfers);
        entries.ShouldAllBe(entry => entry.GetProperty("time").GetDecimal()
            == Timings(entry, "blocked", "dns", "connect", "send", "wait", "receive").Where(part => part >= 0).Sum());
        entries.ShouldAllBe(entry => entry.GetProperty("timings").GetProperty("ssl").GetDecimal() == -1);
        var kept = entries.Where(entry => Timings(entry, "dns", "connect").All(part => part == -1)).ToArray();
        kept.Length.ShouldBeInRange(1, Transfers - 1);
        entries.Except(kept).ShouldAllBe(entry => Timings(entry, "dns", "connect").All(part => part >= 0));
        entries.Select(entry => Timings(entry, "_client_stall").Single()).Max().ShouldBeGreaterThan(0);
    }

    [Fact]
    public void The_trace_is_one_that_Perfetto_and_Chrome_open()
    {
        SchemaCheck.Problems("trace-event.schema.json", files.Trace).ShouldBeEmpty();
        var events = TraceCheck.Events(files.Trace);
        TraceCheck.SlicesShouldNest(events);
        TraceCheck.ArrowsShouldHoldToSlices(events);
        TraceCheck.TracksShouldBeNamed(events);

        Count("transfer").ShouldBe(Transfers);
        Count("loop").ShouldBeGreaterThan(0);
        Count("stall").ShouldBeGreaterThan(0);
        events.ShouldContain(each => each.GetProperty("name").GetString() == "blocking read");

        int Count(string category) => events.Count(
            each => TraceCheck.Phase(each) == "X" && each.GetProperty("cat").GetString() == category);
    }

    private static decimal[] Timings(JsonElement entry, params string[] names) =>
        [.. names.Select(name => entry.GetProperty("timings").GetProperty(name).GetDecimal())];

    /// <summary>One run for all: its bodies are larger than the buffers and paced, so that the loop stands in their reads while others wait.</summary>
    public sealed class WatchedFiles : IAsyncLifetime
    {
        public string Har { get; private set; } = "";

        public string Trace { get; private set; } = "";

        public async ValueTask InitializeAsync()
        {
            using var folder = new TempFolder();
            var ran = await FetcherProcess.RunAsync(
                "http://lab.test/?body=1000000&delay=0.01&pace=30000000", "--count", $"{Transfers}", "--concurrency", "10", "--lab",
                "--mode", "blocking-read", "--stalls", "--report", folder["run.har"], "--report", folder["run.trace.json"]);

            ran.ExitCode.ShouldBe(0, ran.Error);
            Har = await File.ReadAllTextAsync(folder["run.har"]);
            Trace = await File.ReadAllTextAsync(folder["run.trace.json"]);
        }

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
