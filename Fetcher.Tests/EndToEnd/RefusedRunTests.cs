using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>A run that is refused leaves nothing behind, so that the corrected one finds everything as it was.</summary>
public sealed class RefusedRunTests : IDisposable
{
    private readonly TempFolder _folder = new();

    /// <summary>Options that are found wrong by what stands in a file, or by what cannot be made.</summary>
    public static TheoryData<string> WrongOptions =>
    [
        "--cacert bad.pem", "--cert bad.pem", "--revalidate bad.pem", "--journal bad.pem", "--warc bad.pem", "--report missing/x.html",
        "--output-template {nonsense}", "--output-dir bad.pem/below", "-b missing.txt", "-c missing/jar", "-c .", "-x https://127.0.0.1:1 --proxy-cacert bad.pem",
    ];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(WrongOptions))]
    public async Task Nothing_is_left_behind_and_nothing_is_changed(string wrong)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        await File.WriteAllTextAsync(_folder["bad.pem"], "no certificate, no journal, no archive", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_folder["old.ndjson"], "of an earlier run", TestContext.Current.CancellationToken);
        var before = Entries();

        var refused = await RunAsync(server, Without(wrong) + wrong);

        refused.ExitCode.ShouldBe(2, refused.Error);
        refused.Output.ShouldBe("");
        Entries().ShouldBe(before);
        (await File.ReadAllTextAsync(_folder["old.ndjson"], TestContext.Current.CancellationToken)).ShouldBe("of an earlier run");

        var corrected = await RunAsync(server, Without(wrong));

        (corrected.ExitCode, corrected.Error).ShouldBe((0, ""));
        server.Requests.Count.ShouldBe(1);
        Entries().ShouldNotContain(entry => entry.EndsWith(".part", StringComparison.Ordinal));
    }

    /// <summary>Options that each make a file, but for that which is wrong.</summary>
    private static string Without(string wrong) => string.Concat(((string[])
    [
        "--warc x.warc.gz", "--journal x.journal", "--output-dir a/b", "--report x.json", "--report x.ndjson", "--report x.csv", "--report old.ndjson",
        "-c jar", "--format json",
    ]).Where(option => option.StartsWith("--report", StringComparison.Ordinal) || option.Split(' ')[0] != wrong.Split(' ')[0])
        .Select(option => option + " "));

    private string[] Entries() => [.. Directory.EnumerateFileSystemEntries(_folder.Path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal)];

    private Task<Ran> RunAsync(ScriptedServer server, string options) =>
        Shell.RunAsync("cd \"$1\" && shift && exec \"$@\"", [_folder.Path, FetcherProcess.Executable, server.Url("/a"), .. options.Split(' ', StringSplitOptions.RemoveEmptyEntries)]);
}
