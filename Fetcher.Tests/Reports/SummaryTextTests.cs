using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing;

namespace Fetcher.Tests.Reports;

public sealed class SummaryTextTests
{
    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1.0 KiB")]
    [InlineData(1_572_864, "1.5 MiB")]
    [InlineData(5e15, "4547.5 TiB")]
    public void Bytes_are_given_in_the_largest_unit_that_fits(double bytes, string text) => SummaryText.Bytes(bytes).ShouldBe(text);

    [Theory]
    [InlineData(0, "0.0")]
    [InlineData(1.26, "1.3")]
    [InlineData(99.94, "99.9")]
    [InlineData(12345.6, "12,346")]
    public void A_rate_has_decimals_only_where_they_tell(double rate, string text) => SummaryText.Rate(rate).ShouldBe(text);

    [Theory]
    [InlineData(0.0004, "0.000 s")]
    [InlineData(1.2346, "1.235 s")]
    [InlineData(100, "100.0 s")]
    [InlineData(3600.04, "3,600.0 s")]
    public void Seconds_have_decimals_where_they_tell(double seconds, string text) =>
        SummaryText.Seconds(TimeSpan.FromSeconds(seconds)).ShouldBe(text);

    [Theory]
    [InlineData(0L, "1 ok (1 skipped), 0 failed, 0.0 requests/s")]
    [InlineData(12L, "1 ok (1 skipped), 0 failed, 12 not started, 0.0 requests/s")]
    [InlineData(null, "1 ok (1 skipped), 0 failed, the rest of the list not started, 0.0 requests/s")]
    public void The_headline_tells_what_was_skipped_and_what_not_started(long? notStarted, string text)
    {
        var result = Sample.Result();
        (result.Skipped, result.Attempts) = (true, 0);
        var summary = Sample.Summary(result);
        summary.NotStarted = notStarted;

        string.Concat(SummaryText.Headline(Sample.Run(), summary).Select(part => part.Text)).ShouldContain(text);
    }

    [Theory]
    [InlineData("blocking-read", "96 % of the run in read(), serving nobody else meanwhile")]
    [InlineData("threads", "96 % of the run in read(), each thread for its own transfer")]
    [InlineData("sequential", "96 % of the run in read(), one transfer at a time")]
    public void A_run_that_stood_in_blocking_reads_says_so(string mode, string words)
    {
        var run = Sample.Run() with { Options = new FetchOptions { Mode = mode } };
        var summary = new RunSummary();
        summary.Finish(RunCost.None with { BlockedShare = 0.96 });

        SummaryText.Facts(run, summary).ShouldContain(("blocked", words));
        summary.Finish(RunCost.None);
        SummaryText.Facts(run, summary).ShouldNotContain(fact => fact.Name == "blocked");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_run_that_verified_no_certificate_says_so(bool insecure)
    {
        var run = Sample.Run();

        SummaryText.Facts(run with { Options = run.Options with { Insecure = insecure } }, new RunSummary())
            .Any(fact => fact.Name == "certificates" && fact.Value.StartsWith("not verified"))
            .ShouldBe(insecure);
    }

    [Theory]
    [InlineData(1_234_567, "ms", "1.235")]
    [InlineData(99_999_400, "ms", "99.999")]
    [InlineData(99_999_600, "ms", "100.00")]
    [InlineData(735_000_000, "ms", "735.00")]
    [InlineData(9_999_900_000, "ms", "9999.9")]
    [InlineData(10_222_000_000, "ms", "10222")]
    [InlineData(100_000_000_000, "s", "100.00")]
    [InlineData(86_400_000_000_000, "s", "86400")]
    public void A_table_of_times_has_one_unit_and_narrow_numbers(long longest, string symbol, string text)
    {
        var unit = TimeUnit.For(longest);
        unit.Symbol.ShouldBe(symbol);
        unit.Format(longest).ShouldBe(text);
        text.Length.ShouldBeLessThanOrEqualTo(TimeUnit.Width);
    }

    [Theory]
    [InlineData(1000, 1000, "a free slot")]
    [InlineData(1000, 995, "a free slot")]
    [InlineData(1000, 500, "a free slot or a connection")]
    [InlineData(1000, 5, "a connection")]
    [InlineData(1000, 0, "a connection")]
    public void What_was_waited_for_before_a_request_is_named(int begun, int hadSlot, string what)
    {
        // As over HTTP/2, where one transfer opens the connection of all.
        var result = new FetchResult
        {
            Attempts = 1,
            TimeQueue = hadSlot,
            TimeBegin = begun,
            TimeNameLookup = begun,
            TimeConnect = begun,
            TimeAppConnect = begun,
            TimePreTransfer = begun,
            TimeStartTransfer = begun,
            TimeTotal = begun,
        };

        SummaryText.Dominance(Sample.Summary(result)).ShouldBe($"100 % of the transfers' time went to waiting for {what}.");
    }

    [Theory]
    [InlineData((int)Phase.Queue, "waiting for a free slot")]
    [InlineData((int)Phase.Earlier, "redirects and failed attempts")]
    [InlineData((int)Phase.Dns, "name look-ups")]
    [InlineData((int)Phase.Connect, "connecting")]
    [InlineData((int)Phase.Tls, "TLS handshakes")]
    [InlineData((int)Phase.Wait, "waiting for the first byte")]
    [InlineData((int)Phase.Receive, "receiving bodies")]
    public void The_dominant_phase_is_named_in_words(int phase, string words)
    {
        // Each time marks the end of a phase: from the chosen one on, all are 1000.
        long At(Phase at) => (int)at >= phase ? 1000 : 0;
        var result = new FetchResult
        {
            Attempts = phase == (int)Phase.Earlier ? 2 : 1,
            TimeQueue = At(Phase.Queue),
            TimeBegin = At(Phase.Earlier),
            TimeNameLookup = At(Phase.Dns),
            TimeConnect = At(Phase.Connect),
            TimeAppConnect = At(Phase.Tls),
            TimePreTransfer = At(Phase.Wait),
            TimeStartTransfer = At(Phase.Wait),
            TimeTotal = 1000,
        };
        SummaryText.Dominance(Sample.Summary(result)).ShouldBe($"100 % of the transfers' time went to {words}.");
    }

    [Fact]
    public void A_run_without_time_has_no_dominant_phase() => SummaryText.Dominance(Sample.Summary()).ShouldBeNull();

    [Fact]
    public void A_watched_run_says_who_stalled_and_behind_whom()
    {
        var summary = Sample.Summary(WatchedSample.Results());
        summary.Finish(Sample.Cost, WatchedSample.Record);
        var facts = SummaryText.Facts(Sample.Run(), summary).ToDictionary(fact => fact.Name, fact => fact.Value);
        facts["client stall"].ShouldBe("99.0 ms in all, 16 % of the transfers' time");
        facts["top blockers"].ShouldBe("transfer 0's read() held the loop 100 ms and cost a transfer 99.0 ms");
        facts["parallelism"].ShouldBe("lost 33 %: 300 ms, without stalls 200 ms");
        facts["loop's time"].ShouldBe("idle 75 %, blocked 25 %");
        SummaryText.Facts(Sample.Run(), Sample.Summary(Sample.Result())).ShouldNotContain(fact => fact.Name == "client stall");
    }
}
