using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Lesson;
using Fetcher.Tests.Compare;

namespace Fetcher.Tests.Lesson;

/// <summary>What the lesson says of figures that support its claims, and of figures that do not.</summary>
public sealed class FindingsTests
{
    private const long Millisecond = 1_000_000;

    [Theory]
    [InlineData(1.0, true)]
    [InlineData(0.3, false)]
    public void Times_that_add_up(double wall, bool isShown) =>
        Says(Findings.TimesAddUp(Of(Mode("sequential", wall, rows: OneAfterTheOther))), isShown, "4 transfers took 1.00 s when added up");

    [Theory]
    [InlineData(0.2, true)]
    [InlineData(0.9, false)]
    public void Threads_that_overlap(double threads, bool isShown) =>
        Says(Findings.ThreadsOverlap(Of(Mode("sequential", 1), Mode("threads", threads))), isShown, "sequential took 1.00 s");

    [Theory]
    [InlineData(3, 0.9, true)]
    [InlineData(1.1, 0.9, false)]
    [InlineData(3, 0.1, false)]
    public void A_loop_that_stands(double wall, double blocked, bool isShown) =>
        Says(Findings.LoopStands(Of(Mode("async", 1), Mode("blocking-read", wall, blocked: blocked))), isShown, "its loop stood in read() for");

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_takes_as_long_as_its_longest_transfer(bool isShown) =>
        Says(Findings.AsLongAsTheLongest(Of(Mode("async", 1, rows: isShown ? AtOnce : OneAfterTheOther))), isShown, "the longest transfer 250 ms");

    [Theory]
    [InlineData(1, 4, true)]
    [InlineData(4, 4, false)]
    [InlineData(1, 1, false)]
    public void Small_bodies_that_hide_the_mistake(double small, double large, bool isShown)
    {
        var points = new[] { (65536.0, small), (1048576.0, large) }.Select(at => Point(at.Item1, Mode("async", 1), Mode("blocking-read", at.Item2)));
        Says(Findings.SmallBodiesHideIt(Swept("body", points)), isShown, "With bodies of 64 KiB blocking-read took");
    }

    [Theory]
    [InlineData(1, 0.95, true)]
    [InlineData(2, 0.95, false)]
    [InlineData(1, 0.2, false)]
    public void A_core_that_is_busy_for_nothing(double wall, double cpu, bool isShown) =>
        Says(Findings.BusyForNothing(Of(Mode("async", 1, cpu: 0.05), Mode("busy-wait", wall, cpu: cpu * wall))), isShown, "busy-wait kept a core busy for");

    [Theory]
    [InlineData(0.5, true)]
    [InlineData(0.1, false)]
    public void Silent_connections_that_cost(double last, bool isShown)
    {
        var points = new[] { (10.0, 0.1), (900.0, last) }.Select(at => Point(at.Item1, Mode("async", 1, cpu: 0.1), Mode("select", 1, at.Item2), Mode("poll", 1, at.Item2)));
        var found = Findings.LooksAtEverything(Swept("idle", points));
        Says(found, isShown, "From 10 idle connections to 900 idle connections");
        found.Text.ShouldContain("With 2,000 transfers at once select cannot run");
    }

    [Theory]
    [InlineData(0.11, true)]
    [InlineData(0.5, false)]
    public void A_list_that_the_kernel_keeps(double epoll, bool isShown)
    {
        var points = new[] { (10.0, 0.1, 0.1), (4000.0, epoll, 0.6) }.Select(at => Point(at.Item1, Mode("async", 1, cpu: at.Item2), Mode("poll", 1, cpu: at.Item3)));
        Says(Findings.StaysFlat(Swept("idle", points)), isShown, "with epoll");
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(5, false)]
    public void Operations_that_share_a_system_call(long calls, bool isShown) =>
        Says(Findings.FewerCalls(Of(Mode("async", 1, calls: 5), Mode("io-uring", 1, calls: calls))), isShown, "system calls a URL");

    [Fact]
    public void A_mode_that_cannot_run_leaves_nothing_to_see()
    {
        var result = CompareSample.Result(Point(null, Mode("async", 1))) with { LeftOut = [new LeftOutMode("io-uring", "the kernel has none")] };
        Findings.FewerCalls(new Measured(result)).ShouldBe(new Finding(false, "There is nothing to see here: io-uring cannot run here, the kernel has none."));
    }

    [Theory]
    [InlineData(new[] { 1.0 }, new[] { 0.5 }, true)]
    [InlineData(new[] { 1.0 }, new[] { 1.0 }, false)]
    [InlineData(new[] { 0.5 }, new[] { 0.25 }, false)]
    [InlineData(new[] { 1.0, 1.9, 1.8 }, new[] { 1.9, 0.55, 2.4 }, true)]
    public void Cores_that_help(double[] one, double[] two, bool isShown)
    {
        var measured = Swept("loops", [Point(1, CompareSample.Mode("async", null, one)), Point(2, CompareSample.Mode("async", null, two))]);
        if (Environment.ProcessorCount > 1)
        {
            Says(Findings.CoresHelp(WithBursts(measured)), isShown, "The bodies want 1.00 s of CPU time");
        }
    }

    [Theory]
    [InlineData(1.0, 0.6, true)]
    [InlineData(1.0, 1.7, false)]
    [InlineData(0.5, 0.3, false)]
    public void Cores_that_others_keep_busy(double two, double cpu, bool isTold)
    {
        var measured = Swept("loops", [Point(1, Mode("async", 1)), Point(2, Mode("async", two, cpu))]);
        if (Environment.ProcessorCount > 1)
        {
            Findings.CoresHelp(WithBursts(measured)).Text.Contains("two loops together got 60 % of one", StringComparison.Ordinal).ShouldBe(isTold);
        }
    }

    private static Measured WithBursts(Measured measured) => new(measured.Result with
    {
        Run = measured.Result.Run with { Options = new FetchOptions { CpuBurst = TimeSpan.FromMilliseconds(10) } },
    });

    [Fact]
    public void An_order_that_makes_no_difference() => Says(Findings.OrderMatters(Of(Mode("async", 1, rows: AtOnce))), isShown: false, "On average");

    [Fact]
    public void The_slow_ones_hold_up_those_behind_them_in_the_list()
    {
        var measured = Of(Mode("async", 1, rows: [Row(0, 0, 300), Row(1, 0, 100), Row(2, 0, 400), Row(3, 0, 200)]));

        ResultOrders.Completion(measured).ShouldBe([0.1, 0.2, 0.3, 0.4], 1e-9);
        ResultOrders.Input(measured).ShouldBe([0.3, 0.3, 0.4, 0.4], 1e-9);
        ResultOrders.All(measured).ShouldBe([0.4, 0.4, 0.4, 0.4], 1e-9);
        Says(Findings.OrderMatters(measured), isShown: true, "The first could be used after 100 ms, 300 ms and 400 ms.");
    }

    [Theory]
    [InlineData("12 URLs, 12000 bytes: 2.613 s, 0.05 s user, 0.02 s system\n", "", 2.613, null)]
    [InlineData("", "Traceback\nOSError: no", null, "OSError: no")]
    [InlineData("11 URLs, 1 bytes: 2.613 s, 0.05 s user, 0.02 s system\n", "", null, "it printed nothing")]
    public void What_the_program_in_Python_printed_is_a_round(string output, string error, double? wall, string? problem)
    {
        var round = PythonProgram.Read(output, error, urls: 12, number: 1);

        round.Measured?.Cost.Wall.TotalSeconds.ShouldBe(wall!.Value);
        round.Problem.ShouldBe(problem);
    }

    private static readonly TimelineRow[] OneAfterTheOther = [.. Enumerable.Range(0, 4).Select(index => Row(index, 250 * index, 250))];
    private static readonly TimelineRow[] AtOnce = [.. Enumerable.Range(0, 4).Select(index => Row(index, 0, 250))];

    private static TimelineRow Row(long index, long start, long length) => new(
        index, $"http://{index}/", Ok: true, start * Millisecond, new PhaseDurations(0, 0, 0, 0, 0, Wait: length * Millisecond, 0), []);

    private static ModeSample Mode(string name, double wall, double cpu = 0.2, double blocked = 0, long calls = 3, TimelineRow[]? rows = null)
    {
        var round = CompareSample.Round(wall, cpu, blocked, callsPerUrl: calls);
        return new ModeSample(name, [new RoundOutcome(1, rows is null ? round : round with { Timeline = rows, Urls = rows.Length }, null)], null);
    }

    private static ComparisonPoint Point(double? value, params ModeSample[] modes) => new(value, LessonWork.Rebased(modes));

    private static Measured Of(params ModeSample[] modes) => new(CompareSample.Result(Point(null, modes)));

    private static Measured Swept(string name, IEnumerable<ComparisonPoint> points)
    {
        var all = points.ToArray();
        return new Measured(CompareSample.Result(all) with { Sweep = new Sweep(name, [.. all.Select(point => point.Value!.Value)]) });
    }

    private static void Says(Finding finding, bool isShown, string words)
    {
        finding.IsShown.ShouldBe(isShown, finding.Text);
        finding.Text.ShouldContain(words);
        finding.Text.StartsWith("Here the figures do not show it.", StringComparison.Ordinal).ShouldBe(!isShown);
    }
}
