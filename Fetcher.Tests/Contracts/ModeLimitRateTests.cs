using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: <c>--limit-rate</c> bounds the bytes that each transfer receives in a second, as curl's does.</summary>
public sealed class ModeLimitRateTests
{
    private const int Rate = 256 * 1024, Size = 64 * 1024;

    private static readonly FetchOptions Options = ModeRun.Options with { LimitRate = Rate };

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_takes_the_time_that_the_rate_has_for_it_and_no_more_than_that(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(new byte[Size])));

        // A busy machine makes a run slower, but none quicker, and not each.
        const double due = (double)Size / Rate;
        var quickest = double.MaxValue;
        for (var run = 0; run < 5 && quickest > 1.5 * due; run++)
        {
            var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Options);
            outcome.SizeBody.ShouldBe(Size);
            SecondsOfBody(outcome).ShouldBeGreaterThan(0.9 * due);
            quickest = Math.Min(quickest, SecondsOfBody(outcome));
        }

        quickest.ShouldBeLessThan(1.5 * due);
    }

    [Fact]
    public async Task Each_transfer_has_the_rate_for_itself()
    {
        await using var server = new ScriptedServer(Answer(Ok(new byte[Size])));

        // With one rate for all eight, none of the runs could be quicker than this. A busy machine may slow one down, but not each.
        var together = ((8.0 * Size) - (Rate / 8)) / Rate;
        var quickest = double.MaxValue;
        for (var run = 0; run < 5 && quickest >= together; run++)
        {
            var outcomes = await ModeRun.FetchAsync("async", Options with { Concurrency = 8 }, [.. Enumerable.Repeat(server.Url(), 8)]);
            var first = outcomes.Min(outcome => outcome.Start + outcome.StartTransfer);
            quickest = Math.Min(quickest, (outcomes.Max(outcome => outcome.Start + outcome.Total) - first) / 1e9);
        }

        quickest.ShouldBeLessThan(together);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("threads")]
    [InlineData("httpclient")]
    public async Task The_pauses_are_ours_and_no_silence_of_the_server(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("ab")));

        // A byte each second.
        var options = Options with { LimitRate = 1, ReadTimeout = TimeSpan.FromSeconds(0.9) };

        (await ModeRun.FetchOneAsync(mode, server.Url(), options)).SizeBody.ShouldBe(2);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task The_time_for_the_whole_URL_ends_a_pause(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(new byte[Size])));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Options with { LimitRate = 100, MaxTime = TimeSpan.FromSeconds(0.2) });

        outcome.Error.ShouldBe(FetchErrorKind.Timeout);
        outcome.SizeBody.ShouldBeLessThan(1000);
    }

    private static double SecondsOfBody(Outcome outcome) => (outcome.Total - outcome.StartTransfer) / 1e9;
}
