using Fetcher.Core.Runs;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>A list that is gone round until the time is over, in every mode.</summary>
public sealed class ModeDurationTests
{
    private static readonly TimeSpan Short = TimeSpan.FromMilliseconds(30);

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Every_URL_that_was_begun_ends_as_ever_and_what_waited_for_its_turn_has_no_result(string mode)
    {
        using var server = new KeepAliveServer(System.Text.Encoding.ASCII.GetBytes(Ok()));
        var sink = new MemorySink();
        var list = new MemorySource([$"http://127.0.0.1:{server.Port}/"], int.MaxValue);

        // With a limit for the host the list is read ahead.
        var options = ModeRun.Options with { Mode = mode, Duration = Short, Concurrency = 2, PerHost = 1 };
        await using var session = FetchSession.Open(new RunPlan(options), () => new ListWork(list, sink, isEndless: true));
        var end = await session.ToEndAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        (end.Error, end.IsCutShort).ShouldBe((null, true));
        sink.Outcomes.ShouldAllBe(outcome => outcome.Ok);
        sink.Outcomes.Count.ShouldBeLessThan(int.MaxValue);
        sink.Outcomes.Select(outcome => outcome.Index).ShouldBeUnique();
    }
}
