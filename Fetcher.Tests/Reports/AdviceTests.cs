using Fetcher.Core;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Reports;

/// <summary>Each kind of advice, and that it is not given where it cannot work.</summary>
public sealed class AdviceTests
{
    private static readonly FetchOptions Few = new() { Concurrency = 2 };

    [Fact]
    public void More_at_once_is_advised_only_where_there_are_more_URLs()
    {
        For(Phase.Queue, Few, urls: 9)!.ShouldContain("a higher --concurrency (now 2)");
        For(Phase.Wait, Few, urls: 9)!.ShouldContain("(--concurrency, now 2)");
        For(Phase.Receive, Few, urls: 9)!.ShouldContain("(--concurrency, now 2)");
        foreach (var phase in new[] { Phase.Queue, Phase.Wait, Phase.Receive })
        {
            (For(phase, Few, urls: 2) ?? "").ShouldNotContain("--concurrency");
        }
    }

    [Fact]
    public void More_at_once_is_not_advised_to_transfers_that_had_slots_and_waited_for_a_connection()
    {
        var results = Results(9, index => $"http://a.test/{index}");
        foreach (var result in results)
        {
            (result.TimeQueue, result.TimeBegin) = (0, result.TimeTotal);
        }

        Given(Few, results).For(Phase.Queue).ShouldBeNull();
    }

    [Fact]
    public void What_holds_a_run_back_is_named_instead_of_its_slots()
    {
        For(Phase.Queue, Few with { StartInterval = TimeSpan.FromSeconds(1) }, urls: 9)!.ShouldContain("--rate says");
        For(Phase.Queue, Few with { PerHost = 1 }, urls: 9)!.ShouldContain("--per-host");
        For(Phase.Wait, Few with { StartIntervalPerHost = TimeSpan.FromSeconds(1) }, urls: 9)!.ShouldContain("--rate-per-host");
        For(Phase.Queue, Few with { Adaptive = true }, urls: 9)!.ShouldContain("--adaptive");
        For(Phase.Queue, Few with { Mode = "sequential" }, urls: 9)!.ShouldContain("--mode async");
        For(Phase.Wait, Few with { Mode = "sequential" }, urls: 1)!.ShouldNotContain("--mode");
    }

    [Theory]
    [InlineData("http://a.test/", true)]
    [InlineData("http://127.0.0.1/", false)]
    [InlineData("http://[::1]/", false)]
    [InlineData("http://known.test/", false)]
    public void A_look_up_can_be_saved_only_where_there_is_a_name(string url, bool isAdvised)
    {
        var options = Few with { Resolve = [new ResolveEntry("known.test", 80, [])] };

        (For(Phase.Dns, options, urls: 2, _ => url) is not null).ShouldBe(isAdvised);
        For(Phase.Dns, options, urls: 2, _ => url, network: "lab").ShouldBeNull();
    }

    [Fact]
    public void Connections_can_be_shared_only_by_URLs_of_one_host_that_run_at_once()
    {
        For(Phase.Connect, Few, urls: 9)!.ShouldContain("(--per-host)");
        For(Phase.Tls, Few, urls: 9)!.ShouldContain("9 connections were opened for 9 URLs");
        For(Phase.Connect, Few, urls: 9, index => $"http://{index}.test/").ShouldBeNull();
        For(Phase.Connect, Few with { PerHost = 1 }, urls: 9).ShouldBeNull();
        For(Phase.Connect, Few with { Mode = "sequential" }, urls: 9).ShouldBeNull();
        For(Phase.Connect, Few, urls: 1).ShouldBeNull();
    }

    [Fact]
    public void Sharing_is_not_advised_to_transfers_that_share_their_connection()
    {
        // As over HTTP/2: the first opens it, the others wait for it.
        var results = Results(9, _ => "http://a.test/");
        foreach (var result in results[1..])
        {
            result.TimeBegin = result.TimeNameLookup = result.TimeConnect = result.TimeAppConnect = result.TimePreTransfer;
        }

        Given(Few, results).For(Phase.Connect).ShouldBeNull();
    }

    [Theory]
    [InlineData(3, "3 redirects")]
    [InlineData(0, "9 retries")]
    public void What_went_before_the_last_request_is_named(int redirects, string words)
    {
        var results = Results(9, _ => "http://a/");
        results[0].NumRedirects = redirects;
        results[1].Attempts = 10;

        Given(Few, results).For(Phase.Earlier)!.ShouldContain(words);
    }

    [Fact]
    public void Time_for_robots_txt_is_explained() => For(Phase.Robots, Few, urls: 2)!.ShouldStartWith("robots.txt is fetched once for each origin");

    [Fact]
    public void A_loop_that_reads_blocking_is_told_the_mode_that_does_not() => ForClient(SpanKind.BlockingRead, Few)!.ShouldStartWith("--mode async");

    [Theory]
    [InlineData((int)SpanKind.CpuBurst)]
    [InlineData((int)SpanKind.Decode)]
    [InlineData((int)SpanKind.Tls)]
    [InlineData((int)SpanKind.Callback)]
    [InlineData((int)SpanKind.Work)]
    public void More_loops_are_advised_only_where_there_are_cores_and_transfers_for_them(int kind)
    {
        ForClient((SpanKind)kind, Few)!.ShouldContain("--loops");
        (ForClient((SpanKind)kind, Few with { Loops = 2 }) ?? "").ShouldNotContain("--loops");
        (ForClient((SpanKind)kind, Few, urls: 1) ?? "").ShouldNotContain("--loops");
        (ForClient((SpanKind)kind, Few with { Mode = "threads" }) ?? "").ShouldNotContain("--loops");
    }

    [Theory]
    [InlineData((int)SpanKind.NotScheduled)]
    [InlineData((int)SpanKind.GcPause)]
    [InlineData((int)SpanKind.Work)]
    public void Less_at_once_is_advised_only_where_more_than_one_was_under_way(int kind)
    {
        ForClient((SpanKind)kind, Few)!.ShouldContain("--concurrency");
        (ForClient((SpanKind)kind, Few, urls: 1) ?? "").ShouldNotContain("--concurrency");
        (ForClient((SpanKind)kind, Few with { Concurrency = 1 }) ?? "").ShouldNotContain("--concurrency");
    }

    private static string? For(Phase phase, FetchOptions options, int urls, Func<int, string>? urlOf = null, string? network = null) =>
        Given(options, Results(urls, urlOf ?? (index => $"http://a.test/{index}")), network).For(phase);

    private static string? ForClient(SpanKind kind, FetchOptions options, int urls = 9) =>
        Given(options, Results(urls, _ => "http://a/")).ForClient(WatchedSample.Record with { Blockers = [new Blocker(0, kind, 1, 1, 1)] });

    private static Advice Given(FetchOptions options, FetchResult[] results, string? network = null) =>
        new(Sample.Run(network) with { Options = options }, Sample.Summary(results), [.. results.Select(TimelineRow.Of)]);

    private static FetchResult[] Results(int count, Func<int, string> urlOf) => [.. Enumerable.Range(0, count).Select(index => Sample.Result(index, urlOf(index)))];
}
