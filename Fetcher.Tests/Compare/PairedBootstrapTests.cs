using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class PairedBootstrapTests
{
    private static readonly double[] Noisy = [1.00, 1.07, 0.94, 1.10, 0.99, 1.03, 0.97];

    [Fact]
    public void The_ratio_is_that_of_the_medians() =>
        PairedBootstrap.RatioOfMedians([4, 5, 9], [1, 2, 3])!.Value.ShouldBe(2.5);

    [Fact]
    public void A_ratio_prints_its_interval_and_no_inverse_without_end() => new Ratio(2, 1.5, null).ToString().ShouldBe("2 (1.5 to )");

    [Fact]
    public void The_same_rounds_give_the_same_interval()
    {
        var bases = Noisy.Reverse().ToArray();

        PairedBootstrap.RatioOfMedians(Noisy, bases).ShouldBe(PairedBootstrap.RatioOfMedians([.. Noisy], [.. bases]));
    }

    [Fact]
    public void The_interval_holds_the_ratio_whatever_the_rounds_are()
    {
        var random = new Random(7);
        for (var trial = 0; trial < 50; trial++)
        {
            var rounds = random.Next(3, 12);
            var ratio = PairedBootstrap.RatioOfMedians(Values(rounds), Values(rounds))!;
            ratio.Low!.Value.ShouldBeLessThanOrEqualTo(ratio.Value);
            ratio.High!.Value.ShouldBeGreaterThanOrEqualTo(ratio.Value);
        }

        double[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => 0.1 + random.NextDouble())];
    }

    [Fact]
    public void A_clear_difference_excludes_1() =>
        PairedBootstrap.RatioOfMedians([.. Noisy.Select(value => 3 * value)], [.. Noisy.Reverse()])!.ExcludesOne.ShouldBeTrue();

    [Fact]
    public void Noise_alone_includes_1() => PairedBootstrap.RatioOfMedians(Noisy, [.. Noisy.Reverse()])!.ExcludesOne.ShouldBeFalse();

    [Fact]
    public void What_disturbs_both_modes_in_a_round_does_not_widen_the_interval()
    {
        double[] bases = [1, 2, 5, 9, 30];

        var ratio = PairedBootstrap.RatioOfMedians([.. bases.Select(value => 2 * value)], bases)!;

        ratio.Low!.Value.ShouldBe(2, 1e-12);
        ratio.High!.Value.ShouldBe(2, 1e-12);
    }

    [Fact]
    public void The_interval_of_a_constant_base_is_that_of_the_drawn_medians()
    {
        // The median of three draws out of 1, 2, 3 is 1 when at least two draws are: 7 of 27, far above 2.5 %. So the ends are 1 and 3.
        var ratio = PairedBootstrap.RatioOfMedians([1, 2, 3], [1, 1, 1])!;

        ratio.ShouldBe(new Ratio(2, 1, 3));
    }

    [Fact]
    public void Fewer_than_three_rounds_give_a_ratio_and_no_interval() =>
        PairedBootstrap.RatioOfMedians([4, 4], [2, 2]).ShouldBe(new Ratio(2, null, null));

    [Fact]
    public void There_is_no_ratio_to_nothing()
    {
        PairedBootstrap.RatioOfMedians([], []).ShouldBeNull();
        PairedBootstrap.RatioOfMedians([1, 2, 3], [1, 0, 1]).ShouldBeNull();
    }

    [Fact]
    public void Seen_from_the_other_mode_the_ends_change_places() => new Ratio(4, 2, 8).Inverse.ShouldBe(new Ratio(0.25, 0.125, 0.5));
}
