using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The exit status of a run with conditions.</summary>
public sealed class FailIfTests
{
    [Fact]
    public async Task A_condition_that_holds_is_told_and_gives_status_3()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await FetcherProcess.RunAsync(server.Url("/"), "http://127.0.0.1:1/", "--retry", "0", "--fail-if", "urls>5", "--fail-if", "failed>=50%");

        ran.ExitCode.ShouldBe(3);
        ran.Error.ShouldBe("fetcher: --fail-if 'failed>=50%' holds: failed is 50 %\n");
        ran.Output.ShouldContain("1 ok, 1 failed");
    }

    [Fact]
    public async Task One_that_does_not_hold_changes_nothing()
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await FetcherProcess.RunAsync(server.Url("/"), "--fail-if", "failed>0", "--duration", "0.01s", "--format", "ndjson");

        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
    }
}
