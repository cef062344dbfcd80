using Fetcher.Core;
using Fetcher.Core.Timing;
using Fetcher.Terminal;

namespace Fetcher.Tests.Terminal;

public sealed class ProgressTextTests
{
    private const int Wide = 200;

    private static readonly (FetchErrorKind, long)[] Three = [(FetchErrorKind.Timeout, 2), (FetchErrorKind.Dns, 1)];

    [Fact]
    public void Progress_says_how_far_how_fast_and_how_long_yet() =>
        Text(At(512, 1000, 1_572_864), 8, 204_800).ShouldBe("512/1,000, 51 %, 8.0/s, ETA 1:01, 1.5 MiB, 200.0 KiB/s, 64 in flight");

    [Fact]
    public void Failures_are_shown_by_kind_once_there_are_any() =>
        Text(At(512, 1000) with { Failures = Three }, 0).ShouldContain("51 %, 3 failed (2 timeout, 1 dns), ");

    [Fact]
    public void The_slowest_host_comes_last() =>
        Text(At(512, 1000) with { Slowest = new SlowHost("slow.test:80", 2_345_000_000, "http://slow.test:80/") }, 8)
            .ShouldEndWith(", 64 in flight, slowest slow.test:80 2.345 s");

    [Fact]
    public void Without_a_total_there_is_no_end_in_sight() =>
        Text(At(5120, null), 100).ShouldBe("5,120 so far, 100/s, 0 B, 0 B/s, 64 in flight");

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1e-9, 10)]
    [InlineData(1, 5)]
    public void Without_a_rate_or_beyond_reason_no_time_is_promised(double rate, long done) =>
        Text(At(done, done == 5 ? 4 : 1000), rate).ShouldNotContain("ETA");

    [Theory]
    [InlineData(1, "ETA 0:01")]
    [InlineData(59.5, "ETA 1:00")]
    [InlineData(3599, "ETA 59:59")]
    [InlineData(3600, "ETA 1:00:00")]
    [InlineData(90_061, "ETA 25:01:01")]
    public void The_time_to_go_is_in_minutes_and_seconds(double seconds, string text) =>
        Text(At(0, 1000), 1000 / seconds).ShouldContain(text);

    [Theory]
    [InlineData(40, "512/1,000, 51 %, 8.0/s, ETA 1:01")]
    [InlineData(15, "512/1,000, 51 %")]
    [InlineData(14, "512/1,000")]
    [InlineData(1, "512/1,000")]
    public void What_does_not_fit_is_left_out_from_the_end(int room, string text) =>
        ProgressText.Of(At(512, 1000, 1_572_864), new ProgressRates(8, 0), ", ", room).ShouldBe(text);

    [Theory]
    [InlineData(73, "512/1,000, 51 %, 3 failed (2 timeout, 1 dns), 8.0/s, ETA 1:01, 1.5 MiB")]
    [InlineData(70, "512/1,000, 51 %, 3 failed (2 timeout, 1 dns), 8.0/s, ETA 1:01, 1.5 MiB")]
    [InlineData(69, "512/1,000, 51 %, 3 failed, 8.0/s, ETA 1:01, 1.5 MiB")]
    [InlineData(50, "512/1,000, 51 %, 3 failed, 8.0/s, ETA 1:01")]
    public void The_kinds_of_failures_go_before_the_time_to_go_does(int room, string text) =>
        ProgressText.Of(At(512, 1000, 1_572_864) with { Failures = Three }, new ProgressRates(8, 0), ", ", room).ShouldBe(text);

    [Theory]
    [InlineData(0, 1000, 20, 0, 20)]
    [InlineData(500, 1000, 20, 10, 10)]
    [InlineData(1000, 1000, 100, 30, 0)]
    [InlineData(2000, 1000, 20, 20, 0)]
    [InlineData(0, 0, 20, 20, 0)]
    [InlineData(500, 1000, 9, 0, 0)]
    [InlineData(500, 1000, -5, 0, 0)]
    public void The_bar_is_as_full_as_the_work_is_done(long done, long total, int room, int full, int empty) =>
        ProgressText.Bar(At(done, total), room).ShouldBe((full, empty));

    [Fact]
    public void Without_a_total_there_is_no_bar() => ProgressText.Bar(At(5, null), 50).ShouldBe((0, 0));

    private static ProgressSnapshot At(long done, long? total, long bytes = 0) => new(done, total, InFlight: 64, bytes, Failures: []);

    private static string Text(ProgressSnapshot snapshot, double rate, double bytes = 0) =>
        ProgressText.Of(snapshot, new ProgressRates(rate, bytes), ", ", Wide);
}
