using System.Text.Json;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>Less of the system than the run would like: what is there is shared, and everything still ends well.</summary>
public sealed class ScarceTests
{
    /// <summary>.NET's runtime itself has about 80 open, unless it is compiled into the program.</summary>
    private const string FewDescriptors = "ulimit -n 160; exec \"$@\"";

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Five_hundred_transfers_at_once_share_a_few_descriptors(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await Shell.RunAsync(FewDescriptors, [
            FetcherProcess.Executable, server.Url(), "--count", "1000", "--concurrency", "500", "--mode", mode, "--format", "ndjson", "--retry", "0",
        ]);

        ShouldAllBeOk(ran, 1000);
        server.Connections.ShouldBeLessThan(500);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task Many_hosts_share_a_few_descriptors_with_the_files_of_their_bodies(string mode)
    {
        await using var server = new ScriptedServer(AnswerAndClose(Ok()), Answer(Ok()));
        using var folder = new TempFolder();
        var list = string.Concat(Enumerable.Range(0, 40).Select(i => server.Url($"/{i}", $"host{i}.test") + "\n"));
        await File.WriteAllTextAsync(folder["urls"], list);

        var ran = await Shell.RunAsync(FewDescriptors, [
            FetcherProcess.Executable, folder["urls"], "--concurrency", "40", "--mode", mode, "--format", "ndjson", "--retry", "0",
            "--resolve", $"*:{server.Port}:127.0.0.1", "--output-dir", folder["out"], "--output-template", "{host}/{name}",
        ]);

        ShouldAllBeOk(ran, 40);
        Directory.GetFiles(folder["out"], "*", SearchOption.AllDirectories).Length.ShouldBe(40);
    }

    private static void ShouldAllBeOk(Ran ran, int count)
    {
        var results = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        results.Where(result => !result.GetProperty("ok").GetBoolean()).Select(result => result.GetProperty("error").ToString()).Distinct().ShouldBeEmpty();
        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        results.Select(result => result.GetProperty("index").GetInt32()).Order().SequenceEqual(Enumerable.Range(0, count)).ShouldBeTrue();
    }
}
