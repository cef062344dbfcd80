using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Modes;

/// <summary>How several event loops share the list.</summary>
public sealed class LoopShareTests
{
    private const int Others = 40;

    [Theory]
    [InlineData("async")]
    [InlineData("io-uring")]
    public async Task A_slow_host_leaves_the_other_loop_at_work(string mode)
    {
        var answered = 0;
        var othersEnded = new TaskCompletionSource();
        await using var slow = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await othersEnded.Task;
            await connection.SendAsync(Ok());
        });
        await using var quick = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                if (Interlocked.Increment(ref answered) == Others)
                {
                    othersEnded.SetResult();
                }

                await connection.SendAsync(Ok());
            }
        });
        string[] urls = [slow.Url(), .. Enumerable.Range(0, Others).Select(i => quick.Url($"/{i}"))];

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { Concurrency = 2, Loops = 2 }, urls);

        outcomes.Count(outcome => outcome.Ok).ShouldBe(Others + 1);
        var held = outcomes.Single(outcome => outcome.Url == urls[0]).Loop;
        outcomes.Where(outcome => outcome.Url != urls[0]).ShouldAllBe(outcome => outcome.Loop != held);
    }
}
