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
        // How often one is used again depends on who comes first; that it is does not.
        server.Connections.ShouldBeLessThan(1000);
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

    public static TheoryData<int, string> FewThreads =>
        [.. from limit in (int[])[8, 10, 12, 15, 20] from mode in (string[])["async", "threads", "httpclient"] select (limit, mode)];

    [Theory]
    [MemberData(nameof(FewThreads))]
    [Trait("needs", "root")]
    public async Task With_too_few_threads_it_ends_with_a_sentence_or_with_its_results(int limit, string mode)
    {
        // Root has no limit; a user that nobody else is has one that nobody else uses up.
        const string AsNobody = "setpriv --reuid 54321 --regid 54321 --clear-groups";
        await Shell.NeedsAsync($"{AsNobody} test -x '{FetcherProcess.Executable}'", "there is no other user to be, or it cannot enter here");
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();
        await Shell.RunAsync("chmod 777 \"$1\"", folder.Path);

        var ran = await Shell.RunAsync($"exec {AsNobody} prlimit --nproc={limit} timeout -s KILL 60 \"$@\"", [
            FetcherProcess.Executable, server.Url(), "--count", "50", "--concurrency", "20", "--mode", mode, "--format", "ndjson", "--stalls",
            "--output-dir", folder["out"], "--journal", folder["journal"], "--report", folder["r.json"],
        ]);

        ShouldEndWell(ran, 50);
    }

    [Theory]
    [InlineData(1_200_000)]
    [InlineData(1_600_000)]
    [InlineData(2_000_000)]
    [InlineData(2_400_000)]
    [InlineData(2_800_000)]
    [InlineData(3_200_000)]
    [InlineData(4_000_000)]
    [InlineData(8_000_000)]
    public async Task With_too_little_address_space_it_ends_with_a_sentence_or_with_its_results(int kilobytes)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();

        var ran = await Shell.RunAsync($"ulimit -v {kilobytes}; exec timeout -s KILL 60 \"$@\"", [
            FetcherProcess.Executable, server.Url(), "--count", "50", "--format", "ndjson", "--output-dir", folder["out"], "--report", folder["r.json"],
        ]);

        ShouldEndWell(ran, 50);
    }

    [Theory]
    [InlineData(84)]
    [InlineData(88)]
    [InlineData(92)]
    public async Task With_too_few_descriptors_it_says_how_many_are_needed(int limit)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var ran = await Shell.RunAsync($"ulimit -n {limit}; exec timeout -s KILL 60 \"$@\"", FetcherProcess.Executable, server.Url(), "--format", "ndjson");

        ShouldEndWell(ran, 1);
        if (ran.ExitCode != 0 && !ran.Error.Contains("CoreCLR", StringComparison.Ordinal))
        {
            ran.Error.ShouldMatch($"^fetcher: this run needs [0-9]+ open files, and the process may have {limit} \\(ulimit -n\\)\n$");
        }
    }

    /// <summary>All results, or a sentence and 1. That .NET itself does not start, before a line of the program is run, is its own affair.</summary>
    private static void ShouldEndWell(Ran ran, int count)
    {
        if (ran.ExitCode == 0)
        {
            ShouldAllBeOk(ran, count);
        }
        else if (!ran.Error.Contains("CoreCLR", StringComparison.Ordinal) && !ran.Error.Contains("JIT compiler", StringComparison.Ordinal))
        {
            ran.ExitCode.ShouldBe(1, ran.Error);
            ran.Error.ShouldStartWith("fetcher: ");
            ran.Error.ShouldNotContain("bug");
        }
    }

    private static void ShouldAllBeOk(Ran ran, int count)
    {
        var results = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        results.Where(result => !result.GetProperty("ok").GetBoolean()).Select(result => result.GetProperty("error").ToString()).Distinct().ShouldBeEmpty();
        (ran.ExitCode, ran.Error).ShouldBe((0, ""));
        results.Select(result => result.GetProperty("index").GetInt32()).Order().SequenceEqual(Enumerable.Range(0, count)).ShouldBeTrue();
    }
}
