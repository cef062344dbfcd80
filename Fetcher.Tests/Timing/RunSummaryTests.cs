using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Timing;

public sealed class RunSummaryTests
{
    [Fact]
    public void Results_are_counted()
    {
        var summary = Sample.Summary(Sample.Result(), Sample.Result(1), Sample.Failed(2));
        summary.Urls.ShouldBe(3);
        summary.Ok.ShouldBe(2);
        summary.Failed.ShouldBe(1);
        summary.BytesDownloaded.ShouldBe(2 * 1234);
        summary.BytesBody.ShouldBe(2 * 5678);
        summary.Connects.ShouldBe(5);
        summary.Retries.ShouldBe(2);
        summary.Statuses.ShouldBe([(200, 2L)]);
        summary.RequestsPerSecond.ShouldBe(1.5);
        summary.BytesPerSecond.ShouldBe(1234);
    }

    [Fact]
    public void What_an_earlier_run_had_done_and_what_was_never_begun_is_no_request()
    {
        var (skipped, cancelled) = (Sample.Result(1), Sample.Failed(2, kind: FetchErrorKind.Cancelled));
        (skipped.Skipped, skipped.Attempts, cancelled.Attempts) = (true, 0, 0);

        var summary = Sample.Summary(Sample.Result(), skipped, cancelled);

        (summary.Urls, summary.Skipped, summary.RequestsPerSecond).ShouldBe((3, 1, 0.5));
    }

    [Fact]
    public void Redirects_and_stalls_are_added_up()
    {
        var result = Sample.Result();
        result.NumRedirects = 2;
        result.ClientStall = 5;
        var summary = Sample.Summary(result, result);
        summary.Redirects.ShouldBe(4);
        summary.ClientStall.ShouldBe(10);
    }

    [Fact]
    public void A_URL_that_was_never_tried_is_no_retry()
    {
        var result = Sample.Failed(kind: FetchErrorKind.BadUrl);
        result.Attempts = 0;
        Sample.Summary(result).Retries.ShouldBe(0);
    }

    [Fact]
    public void Each_time_has_its_own_distribution()
    {
        var result = Sample.Result();
        result.TimeQueue = 1;
        result.TimeNameLookup = 2;
        result.TimeConnect = 3;
        result.TimeAppConnect = 4;
        result.TimePreTransfer = 5;
        result.TimeStartTransfer = 6;
        result.TimeTotal = 7;
        var summary = Sample.Summary(result);
        Enum.GetValues<TimeField>().Select(field => summary.TimeOf(field).Max).ShouldBe([1, 2, 3, 4, 5, 6, 7]);
        Enum.GetValues<TimeField>().Select(field => TimeFields.Of(result, field)).ShouldBe([1, 2, 3, 4, 5, 6, 7]);
    }

    [Fact]
    public void Each_phase_has_its_own_distribution()
    {
        var result = Sample.Result();
        result.Attempts = 2;
        result.TimeQueue = 1;
        result.TimeBegin = result.TimeNameLookup = 3;
        result.TimeConnect = 7;
        result.TimeAppConnect = 15;
        result.TimePreTransfer = 20;
        result.TimeStartTransfer = 31;
        result.TimeTotal = 63;
        var summary = Sample.Summary(result);
        Enum.GetValues<Phase>().Select(phase => summary.PhaseOf(phase).Max).ShouldBe([1, 0, 2, 0, 4, 8, 16, 32, 0]);
    }

    [Fact]
    public void A_failed_URL_counts_only_in_the_times_it_reached()
    {
        var summary = Sample.Summary(Sample.Result(), Sample.Failed());
        summary.TimeOf(TimeField.NameLookup).Count.ShouldBe(2);
        summary.TimeOf(TimeField.StartTransfer).Count.ShouldBe(1);
        summary.TimeOf(TimeField.StartTransfer).Min.ShouldBe(103 * Sample.Millisecond);
        summary.TimeOf(TimeField.Total).Min.ShouldBe(4 * Sample.Millisecond);
    }

    [Fact]
    public void A_line_that_is_no_URL_counts_in_no_time()
    {
        var summary = Sample.Summary(Sample.Failed(kind: FetchErrorKind.BadUrl));
        Enum.GetValues<TimeField>().ShouldAllBe(field => summary.TimeOf(field).Count == 0);
        summary.DominantPhase.ShouldBeNull();
        summary.SlowestHosts.Ranking.ShouldBeEmpty();
    }

    [Fact]
    public void A_time_of_zero_counts_when_the_URL_was_fetched() =>
        Sample.Summary(Sample.Result()).TimeOf(TimeField.AppConnect).Count.ShouldBe(1);

    [Fact]
    public void The_dominant_phase_has_the_largest_share_of_all_time()
    {
        var summary = Sample.Summary(Sample.Result());
        summary.DominantPhase.ShouldBe(Phase.Receive);
        summary.ShareOf(Phase.Receive).ShouldBe(198.0 / 301, 1e-9);
        Enum.GetValues<Phase>().Sum(summary.ShareOf).ShouldBe(1, 1e-9);
    }

    [Fact]
    public void No_phase_dominates_a_run_without_time()
    {
        var summary = Sample.Summary();
        summary.DominantPhase.ShouldBeNull();
        summary.ShareOf(Phase.Dns).ShouldBe(0);
    }

    [Fact]
    public void Rates_of_a_run_without_time_are_zero() => new RunSummary().RequestsPerSecond.ShouldBe(0);

    [Fact]
    public void Failures_are_counted_by_kind_most_frequent_first()
    {
        FetchResult[] dns = [Sample.Failed(1, kind: FetchErrorKind.Dns), Sample.Failed(2, kind: FetchErrorKind.Dns)];
        var summary = Sample.Summary([Sample.Failed(), .. dns]);
        summary.Failures.ByKind.ShouldBe([(FetchErrorKind.Dns, 2L), (FetchErrorKind.Connect, 1L)]);
        summary.Failures.CountOf(FetchErrorKind.Tls).ShouldBe(0);
    }

    [Fact]
    public void The_first_ten_failures_of_a_kind_are_kept()
    {
        var summary = Sample.Summary(Enumerable.Range(0, 25).Select(index => Sample.Failed(index, $"http://b/{index}")));
        var examples = summary.Failures.ExamplesOf(FetchErrorKind.Connect);
        examples.Select(example => example.Index).ShouldBe(Enumerable.Range(0, 10).Select(index => (long)index));
        examples[9].ShouldBe(new FailureExample(9, "http://b/9", FetchErrorKind.Connect, "connection refused"));
        summary.Failures.ExamplesOf(FetchErrorKind.Tls).ShouldBeEmpty();
    }

    [Fact]
    public void A_status_that_is_none_is_not_counted()
    {
        var result = Sample.Result();
        result.Status = 1000;
        Sample.Summary(result, Sample.Failed()).Statuses.ShouldBeEmpty();
    }

    [Fact]
    public void Merged_summaries_count_like_one()
    {
        FetchResult[] some = [Sample.Result(0, "http://a/"), Sample.Failed(1)];
        var many = Enumerable.Range(4, 20).Select(index => Sample.Failed(index));
        FetchResult[] others = [Sample.Result(2, "http://c/"), Sample.Failed(3, kind: FetchErrorKind.Dns), .. many];
        var merged = Sample.Summary(some);
        merged.Merge(Sample.Summary(others));

        Sample.JsonOf(merged).ShouldBe(Sample.JsonOf(Sample.Summary([.. some, .. others])));
        merged.Failures.ExamplesOf(FetchErrorKind.Connect).Count.ShouldBe(FailureLog.ExamplesPerKind);
    }

    [Fact]
    public void Adding_a_result_allocates_nothing()
    {
        var summary = new RunSummary();
        var result = Sample.Result();
        var failed = Sample.Failed();
        AllocationCheck.ShouldAllocateNothing(() =>
        {
            summary.Add(result);
            summary.Add(failed);
        });
    }
}
