using Fetcher.Terminal;

namespace Fetcher.Tests.Terminal;

public sealed class ProgressTextTests
{
    private const int Wide = 200;

    [Fact]
    public void Progress_says_how_far_how_fast_and_how_long_yet() =>
        Text(new ProgressSnapshot(512, 1000, 64, 0, 1_572_864), 8).ShouldBe("512/1,000, 51 %, 8.0/s, ETA 1:01, 64 in flight, 1.5 MiB");

    [Fact]
    public void Failures_are_shown_once_there_are_any() =>
        Text(new ProgressSnapshot(512, 1000, 64, 3, 0), 0).ShouldContain("51 %, 3 failed, ");

    [Fact]
    public void Without_a_total_there_is_no_end_in_sight() =>
        Text(new ProgressSnapshot(5120, null, 64, 0, 0), 100).ShouldBe("5,120 so far, 100/s, 64 in flight, 0 B");

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1e-9, 10)]
    [InlineData(1, 5)]
    public void Without_a_rate_or_beyond_reason_no_time_is_promised(double rate, long done) =>
        Text(new ProgressSnapshot(done, done == 5 ? 4 : 1000, 1, 0, 0), rate).ShouldNotContain("ETA");

    [Theory]
    [InlineData(1, "ETA 0:01")]
    [InlineData(59.5, "ETA 1:00")]
    [InlineData(3599, "ETA 59:59")]
    [InlineData(3600, "ETA 1:00:00")]
    [InlineData(90_061, "ETA 25:01:01")]
    public void The_time_to_go_is_in_minutes_and_seconds(double seconds, string text) =>
        Text(new ProgressSnapshot(0, 1000, 1, 0, 0), 1000 / seconds).ShouldContain(text);

    [Theory]
    [InlineData(40, "512/1,000, 51 %, 8.0/s, ETA 1:01")]
    [InlineData(15, "512/1,000, 51 %")]
    [InlineData(14, "512/1,000")]
    [InlineData(1, "512/1,000")]
    public void What_does_not_fit_is_left_out_from_the_end(int room, string text) =>
        ProgressText.Of(new ProgressSnapshot(512, 1000, 64, 0, 1_572_864), 8, ", ", room).ShouldBe(text);

    [Theory]
    [InlineData(0, 1000, 20, 0, 20)]
    [InlineData(500, 1000, 20, 10, 10)]
    [InlineData(1000, 1000, 100, 30, 0)]
    [InlineData(2000, 1000, 20, 20, 0)]
    [InlineData(0, 0, 20, 20, 0)]
    [InlineData(500, 1000, 9, 0, 0)]
    [InlineData(500, 1000, -5, 0, 0)]
    public void The_bar_is_as_full_as_the_work_is_done(long done, long total, int room, int full, int empty) =>
        ProgressText.Bar(new ProgressSnapshot(done, total, 0, 0, 0), room).ShouldBe((full, empty));

    [Fact]
    public void Without_a_total_there_is_no_bar() => ProgressText.Bar(new ProgressSnapshot(5, null, 0, 0, 0), 50).ShouldBe((0, 0));

    private static string Text(ProgressSnapshot snapshot, double rate) => ProgressText.Of(snapshot, rate, ", ", Wide);
}
