using System.Text;
using System.Text.Json;
using Fetcher.Compare;
using Fetcher.Core.Reports;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Tests.Compare;

public sealed class RoundProcessTests
{
    [Fact]
    public void A_round_comes_out_of_the_pipe_as_it_went_in()
    {
        var round = CompareSample.Round(wall: 1.234568, blockedShare: 0.5, failed: 1);

        var read = RoundProcess.Read(4, 0, Json(round), "").Measured!;

        read.Cost.ShouldBe(round.Cost);
        read.Timeline[0].Phases.ShouldBe(round.Timeline[0].Phases);
        read.Stalls!.Blockers.ShouldBe(round.Stalls!.Blockers);
        read.Timeline[0].Stalls.ShouldBe(round.Timeline[0].Stalls);
        Encoding.UTF8.GetString(Json(read)).ShouldBe(Encoding.UTF8.GetString(Json(round)));
    }

    [Fact]
    public void A_mode_without_calls_of_its_own_stays_one() =>
        RoundProcess.Read(1, 0, Json(CompareSample.Round() with { SystemCalls = null }), "").Measured!.SystemCalls.ShouldBeNull();

    [Fact]
    public void A_mode_that_was_not_watched_stays_one() =>
        RoundProcess.Read(1, 0, Json(CompareSample.Round() with { Stalls = null }), "").Measured!.Stalls.ShouldBeNull();

    [Fact]
    public void What_the_process_said_is_why_there_are_no_figures() =>
        RoundProcess.Read(2, 2, default, "fetcher: select cannot watch\nSee --help\n")
            .ShouldBe(new RoundOutcome(2, null, "select cannot watch"));

    [Theory]
    [InlineData(3, "its process ended with status 3")]
    [InlineData(139, "its process was ended by signal 11")]
    public void A_process_that_ended_without_a_word_is_told_by_its_status(int status, string problem) =>
        RoundProcess.Read(1, status, default, "").Problem.ShouldBe(problem);

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("[1]")]
    [InlineData("{\"urls\":\"many\"}")]
    public void Output_that_is_no_round_is_reported(string output) =>
        RoundProcess.Read(1, 0, Encoding.UTF8.GetBytes(output), "").Problem!.ShouldStartWith("its process did not tell its figures: ");

    private static byte[] Json(Round round)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            CompareRoundJson.WriteMembers(json, round);
            CompareRoundJson.WriteTimeline(json, round);
            json.WriteEndObject();
        }

        return buffer.ToArray();
    }
}
