using System.Buffers;
using System.Text.Json;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class ReportSinkTests
{
    private static readonly Gen<int[]> Orders = Gen.Shuffle(Enumerable.Range(0, 50).ToArray());

    [Fact]
    public async Task Every_report_and_the_summary_get_every_result()
    {
        var run = new Outputs(new NdjsonReport(), new JsonReport(), new CsvReport());
        run.Sink.Add(Sample.Result());
        run.Sink.Add(Sample.Failed(1));
        var summary = run.Sink.End(Sample.Cost);

        summary.Urls.ShouldBe(2);
        summary.Cost.ShouldBe(Sample.Cost);
        var texts = await run.FinishAsync();
        texts[0].ShouldBe(Sample.Write(new NdjsonReport(), Sample.Result()) + Sample.Write(new NdjsonReport(), Sample.Failed(1)));
        texts[1].ShouldBe(Sample.WriteAll(new JsonReport(), Sample.Run(), Sample.Result(), Sample.Failed(1)));
        texts[2].ShouldBe(Sample.WriteAll(new CsvReport(), Sample.Run(), Sample.Result(), Sample.Failed(1)));
    }

    [Fact]
    public async Task Several_loops_may_add_at_once()
    {
        const int Loops = 4;
        const int PerLoop = 500;
        var run = new Outputs(new JsonReport());
        Parallel.For(0, Loops, loop =>
        {
            for (var i = 0; i < PerLoop; i++)
            {
                run.Sink.Add(Sample.Result((loop * PerLoop) + i));
            }
        });
        run.Sink.End(Sample.Cost).Urls.ShouldBe(Loops * PerLoop);
        IndicesIn((await run.FinishAsync())[0]).Order().ShouldBe(Enumerable.Range(0, Loops * PerLoop).Select(index => (long)index));
    }

    [Fact]
    public Task In_input_order_results_are_written_by_index_whatever_the_order_they_come_in() => Orders.SampleAsync(async order =>
    {
        var run = new Outputs(inputOrder: true, new JsonReport());
        foreach (var index in order)
        {
            run.Sink.Add(Sample.Result(index));
        }

        run.Sink.End(Sample.Cost);
        (await run.FinishAsync())[0].ShouldBe(
            Sample.WriteAll(new JsonReport(), Sample.Run(), [.. Enumerable.Range(0, 50).Select(index => Sample.Result(index))]));
    });

    [Fact]
    public async Task In_input_order_a_result_is_written_as_soon_as_none_before_it_is_missing()
    {
        var run = new Outputs(inputOrder: true, new NdjsonReport());
        run.Sink.Add(Sample.Result(1));
        run.Sink.Add(Sample.Result(0));
        var lines = Sample.Write(new NdjsonReport(), Sample.Result(0)) + Sample.Write(new NdjsonReport(), Sample.Result(1));
        await run.Streams[0].WaitForAsync(lines);
        await run.FinishAsync();
    }

    [Fact]
    public async Task In_input_order_the_gaps_of_an_interrupted_run_lose_nothing()
    {
        var run = new Outputs(inputOrder: true, new JsonReport());
        foreach (var index in new[] { 7L, 3, 0, 5 })
        {
            run.Sink.Add(Sample.Result(index));
        }

        run.Sink.End(Sample.Cost);
        IndicesIn((await run.FinishAsync())[0]).ShouldBe([0, 3, 5, 7]);
    }

    [Fact]
    public async Task A_slow_reader_leaves_no_room_until_it_has_read()
    {
        var run = new Outputs(new NdjsonReport());
        run.Streams[0].CloseGate();
        run.Sink.HasRoom.ShouldBeTrue();
        for (var index = 0; run.Sink.HasRoom; index++)
        {
            run.Sink.Add(Sample.Result(index));
        }

        var called = new TaskCompletionSource();
        run.Sink.NotifyWhenRoom(called.SetResult);
        var room = run.Sink.WaitForRoomAsync().AsTask();
        called.Task.IsCompleted.ShouldBeFalse();
        room.IsCompleted.ShouldBeFalse();
        run.Streams[0].OpenGate();
        await called.Task;
        await room;
        run.Sink.HasRoom.ShouldBeTrue();
        await run.FinishAsync();
    }

    [Fact]
    public async Task With_room_everyone_goes_on_at_once()
    {
        var run = new Outputs(new NdjsonReport());
        var called = false;
        run.Sink.NotifyWhenRoom(() => called = true);
        called.ShouldBeTrue();
        run.Sink.WaitForRoomAsync().AsTask().IsCompleted.ShouldBeTrue();
        await run.FinishAsync();
    }

    [Fact]
    public async Task Much_held_back_for_one_slow_URL_leaves_no_room_until_that_one_ends()
    {
        var run = new Outputs(inputOrder: true, new NdjsonReport());
        var url = "http://a/" + new string('a', 50_000);
        for (var index = 1; run.Sink.HasRoom; index++)
        {
            run.Sink.Add(Sample.Result(index, url));
        }

        var room = run.Sink.WaitForRoomAsync().AsTask();
        room.IsCompleted.ShouldBeFalse();
        run.Sink.Add(Sample.Result(0));
        await room;
        run.Sink.HasRoom.ShouldBeTrue();
        await run.FinishAsync();
    }

    [Fact]
    public async Task Adding_a_result_allocates_nothing()
    {
        var run = new Outputs(new NullReport(), ReportsInOne.Of([new NullReport(), new ResultLines(all: false)]));
        var result = Sample.Result();
        AllocationCheck.ShouldAllocateNothing(() => run.Sink.Add(result));
        await run.FinishAsync();
    }

    private static IEnumerable<long> IndicesIn(string json) =>
        JsonDocument.Parse(json).RootElement.GetProperty("results").EnumerateArray()
            .Select(result => result.GetProperty("index").GetInt64());

    /// <summary>A sink with a stream for each writer.</summary>
    private sealed class Outputs
    {
        private readonly List<Report> _reports = [];

        public Outputs(params IReportWriter[] writers)
            : this(inputOrder: false, writers)
        {
        }

        public Outputs(bool inputOrder, params IReportWriter[] writers)
        {
            foreach (var writer in writers)
            {
                var stream = new GatedStream();
                Streams.Add(stream);
                _reports.Add(new Report(writer, new ReportOutput(stream)));
            }

            Sink = new ReportSink(Sample.Run(), _reports, inputOrder);
        }

        public ReportSink Sink { get; }

        public List<GatedStream> Streams { get; } = [];

        public async Task<IReadOnlyList<string>> FinishAsync()
        {
            foreach (var report in _reports)
            {
                await report.Output.DisposeAsync();
            }

            return [.. Streams.Select(stream => stream.Text)];
        }
    }

    /// <summary>Writes a constant, so that no block is ever full.</summary>
    private sealed class NullReport : IReportWriter
    {
        public void Begin(IBufferWriter<byte> output, Fetcher.Core.Timing.RunInfo run)
        {
        }

        public void Write(IBufferWriter<byte> output, FetchResult result) => output.Write("x"u8);

        public void End(IBufferWriter<byte> output, Fetcher.Core.Timing.RunInfo run, Fetcher.Core.Timing.RunSummary summary)
        {
        }
    }
}
