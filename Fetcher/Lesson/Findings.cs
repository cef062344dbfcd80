using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Lesson;

/// <summary>What the figures of each chapter say: whether they support its claim, and in which words.</summary>
internal static class Findings
{
    /// <summary>A ratio that is clearly more than 1, and one that is none to speak of.</summary>
    private const double Clearly = 1.5, Hardly = 1.3;

    public static Finding TimesAddUp(Measured measured)
    {
        if (measured.WhyNot("sequential") is { } reason)
        {
            return Finding.Without(reason);
        }

        var round = measured.First.Find("sequential")!.Typical()!;
        var (sum, wall) = (round.Timeline.Sum(OwnTime) / 1e9, round.Cost.Wall.TotalSeconds);
        return Finding.Of(
            sum / wall is > 0.9 and < 1.1,
            $"{round.Urls} transfers took {Time(sum)} when added up, and the run took {Time(wall)}: each began when the one before it had ended.");
    }

    public static Finding ThreadsOverlap(Measured measured)
    {
        if (measured.WhyNot("sequential", "threads") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (one, threads) = (measured.First.Find("sequential")!, measured.First.Find("threads")!);
        var ratio = Ratio(one, threads, Figure.Wall);
        return Finding.Of(
            ratio > Clearly,
            $"sequential took {Wall(one)}, {Times(ratio)} as long as threads ({Wall(threads)}). threads made {FigureText.Count(Median(threads, Figure.VoluntarySwitches))} voluntary context switches "
            + $"instead of {FigureText.Count(Median(one, Figure.VoluntarySwitches))}.");
    }

    public static Finding LoopStands(Measured measured)
    {
        if (measured.WhyNot("async", "blocking-read") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (parked, blocking) = (measured.First.Find("async")!, measured.First.Find("blocking-read")!);
        var (ratio, share) = (Ratio(blocking, parked, Figure.Wall), Median(blocking, Figure.BlockedShare));
        var held = blocking.Typical()!.Stalls?.Blockers is [var worst, ..] ? $" In the round that is drawn, {StallText.Words(worst)}." : "";
        return Finding.Of(
            ratio > Clearly && share > 0.5,
            $"blocking-read took {Wall(blocking)}, {Times(ratio)} as long as async ({Wall(parked)}): its loop stood in read() for {FigureText.Percent(share)} of the run.{held}");
    }

    public static Finding AsLongAsTheLongest(Measured measured)
    {
        if (measured.WhyNot("async") is { } reason)
        {
            return Finding.Without(reason);
        }

        var round = measured.First.Find("async")!.Typical()!;
        var longest = round.Timeline.Max(row => row.Phases.Total) / 1e9;
        var wall = (round.Timeline.Max(row => row.End) - round.Timeline.Min(row => row.Start)) / 1e9;
        return Finding.Of(
            wall / longest < Hardly && round.Timeline.Sum(OwnTime) / 1e9 / wall > Clearly,
            $"From the start of the first transfer to the end of the last it took {Time(wall)}, and the longest transfer {Time(longest)}: "
            + $"all {round.Urls} were under way at the same time, on one thread.");
    }

    public static Finding SmallBodiesHideIt(Measured measured)
    {
        if (measured.WhyNot("async", "blocking-read") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (small, large) = (RatioAt(measured.First), RatioAt(measured.Last));
        var knee = measured.Result.Points.FirstOrDefault(point => RatioAt(point) > Clearly);
        var from = knee is null ? "" : $" It shows from {At(measured, knee)} on.";
        return Finding.Of(
            small < Clearly && large > Clearly,
            $"With {At(measured, measured.First)} blocking-read took {Times(small)} as long as async, with {At(measured, measured.Last)} {Times(large)}.{from}");

        static double RatioAt(ComparisonPoint point) => Ratio(point.Find("blocking-read")!, point.Find("async")!, Figure.Wall);
    }

    public static Finding BusyForNothing(Measured measured)
    {
        if (measured.WhyNot("async", "busy-wait") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (parked, busy) = (measured.First.Find("async")!, measured.First.Find("busy-wait")!);
        var (wall, busyShare, parkedShare) = (Ratio(busy, parked, Figure.Wall), Load(busy), Load(parked));
        return Finding.Of(
            wall is > 1 / Hardly and < Hardly && busyShare > 0.7 && parkedShare < busyShare / 2,
            $"busy-wait took {Wall(busy)} and async {Wall(parked)}. busy-wait kept a core busy for {FigureText.Percent(busyShare)} of that time, async for {FigureText.Percent(parkedShare)}.");

        static double Load(ModeSample mode) => Median(mode, Figure.Cpu) / Median(mode, Figure.Wall);
    }

    public static Finding LooksAtEverything(Measured measured)
    {
        var limit = ModeCatalog.Find("select")!.WhyNot(new FetchOptions { Mode = "select", Concurrency = 2000 });
        var tooMany = limit is null ? "" : $" With 2,000 transfers at once select cannot run: {limit}.";
        if (measured.WhyNot("select", "poll") is { } reason)
        {
            return Finding.Without(reason + tooMany);
        }

        var (select, poll) = (Growth(measured, "select"), Growth(measured, "poll"));
        return Finding.Of(
            select.Factor > Hardly && poll.Factor > Hardly,
            $"From {At(measured, measured.First)} to {At(measured, measured.Last)} a URL went from {select.Text} of CPU time with select, and from {poll.Text} with poll.{tooMany}");
    }

    public static Finding StaysFlat(Measured measured)
    {
        if (measured.WhyNot("async", "poll") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (epoll, poll) = (Growth(measured, "async"), Growth(measured, "poll"));
        return Finding.Of(
            epoll.Factor < 2 && poll.Factor > 2 * epoll.Factor,
            $"From {At(measured, measured.First)} to {At(measured, measured.Last)} a URL went from {epoll.Text} of CPU time with epoll, and from {poll.Text} with poll.");
    }

    public static Finding FewerCalls(Measured measured)
    {
        if (measured.WhyNot("async", "io-uring") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (epoll, uring) = (measured.First.Find("async")!, measured.First.Find("io-uring")!);
        var (many, few) = (Median(epoll, Figure.SyscallsPerUrl), Median(uring, Figure.SyscallsPerUrl));
        return Finding.Of(
            few < many / Clearly,
            $"io-uring made {FigureText.Count(few)} system calls a URL, async {FigureText.Count(many)}; "
            + $"a URL took {Time(Median(uring, Figure.CpuPerUrl))} of CPU time instead of {Time(Median(epoll, Figure.CpuPerUrl))}.");
    }

    public static Finding CoresHelp(Measured measured)
    {
        if (measured.WhyNot("async") is { } reason)
        {
            return Finding.Without(reason);
        }

        if (Environment.ProcessorCount == 1)
        {
            return Finding.Without("this machine has one CPU");
        }

        var (one, two) = (measured.First.Find("async")!, measured.Last.Find("async")!);
        var work = one.Typical()!.Urls * measured.Result.Run.Options.CpuBurst.TotalSeconds;

        // Whoever else computes meanwhile takes cores away from two loops first, so the best rounds are those that count.
        var (bestOfOne, bestOfTwo) = (Best(one), Best(two));
        var isShown = bestOfOne / bestOfTwo > Hardly && bestOfOne > 0.95 * work;
        var got = Median(two, Figure.Cpu) / Median(two, Figure.Wall);
        var why = !isShown && got < Hardly ? $" Others keep the cores busy: two loops together got {FigureText.Percent(got)} of one." : "";
        return Finding.Of(
            isShown,
            $"The bodies want {Time(work)} of CPU time. At best, one loop took {Time(bestOfOne)}, no less for being asynchronous; two loops took {Time(bestOfTwo)}.{why}");

        static double Best(ModeSample mode) => mode.SpreadOf(Figure.Wall)?.Min ?? 0;
    }

    public static Finding OrderMatters(Measured measured)
    {
        if (measured.WhyNot("async") is { } reason)
        {
            return Finding.Without(reason);
        }

        var (completion, input, all) = (ResultOrders.Completion(measured), ResultOrders.Input(measured), ResultOrders.All(measured));
        return Finding.Of(
            completion.Average() < input.Average() && input.Average() < all.Average(),
            $"On average a result could be used after {Time(completion.Average())} in the order of completion, after {Time(input.Average())} in the order of the list, "
            + $"and after {Time(all.Average())} for who waits for all. The first could be used after {Time(completion[0])}, {Time(input[0])} and {Time(all[0])}.");
    }

    /// <summary>A transfer's time without what it waited for its turn.</summary>
    private static long OwnTime(TimelineRow row) => row.Phases.Total - row.Phases.Queue;

    private static double Median(ModeSample mode, Figure figure) => mode.SpreadOf(figure)?.Median ?? 0;

    /// <summary>The ratio of the medians; of few rounds there is no interval.</summary>
    private static double Ratio(ModeSample more, ModeSample less, Figure figure) => Median(more, figure) / Median(less, figure);

    private static (double Factor, string Text) Growth(Measured measured, string mode)
    {
        var (from, to) = (Median(measured.First.Find(mode)!, Figure.CpuPerUrl), Median(measured.Last.Find(mode)!, Figure.CpuPerUrl));
        return (to / from, $"{Time(from)} to {Time(to)}");
    }

    private static string At(Measured measured, ComparisonPoint point) => measured.Result.Sweep!.Name switch
    {
        "body" => $"bodies of {measured.Result.Sweep.ValueText(point.Value!.Value)}",
        "idle" => $"{FigureText.Count(point.Value!.Value)} idle connections",
        _ => CompareText.At(measured.Result, point),
    };

    private static string Wall(ModeSample mode) => Time(Median(mode, Figure.Wall));

    private static string Time(double seconds) => FigureText.Duration(seconds);

    private static string Times(double ratio) => $"{FigureText.Ratio(ratio)} times";
}
