using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Tests.Saving;

namespace Fetcher.Tests.Commands;

/// <summary>No file is written twice, or over what the run reads, by whatever names it goes.</summary>
public sealed class DistinctFilesTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("r.json", "r.json")]
    [InlineData("r.json", "./r.json")]
    [InlineData("r.json", "sub/../r.json")]
    [InlineData("r.json", "way/r.json")]
    [InlineData("there.json", "hard.json")]
    [InlineData("there.json", "soft.json")]
    [InlineData("r.json", "dangling.json")]
    public void Two_reports(string one, string other) => ShouldClash(New([], reports: [Make(one), Make(other)]), "--report");

    [Theory]
    [InlineData("there.json", "there.json")]
    [InlineData("there.json", "hard.json")]
    [InlineData("soft.json", "there.json")]
    public void A_report_and_the_list(string list, string report) => ShouldClash(New([Make(list)], reports: [Make(report)]), "the list");

    [Fact]
    public void A_report_and_each_other_file_of_the_run()
    {
        var file = Make("there.json");
        FetchOptions[] all =
        [
            new() { JournalPath = file }, new() { WarcPath = file }, new() { CookieJarPath = file }, new() { OutputDir = file }, new() { CookieFiles = [file] },
            new() { RevalidatePath = file }, new() { CaCertPath = file }, new() { CertPath = file }, new() { KeyPath = file },
        ];
        foreach (var options in all)
        {
            ShouldClash(New([], options, file), "--report");
        }

        ShouldClash(New([], reports: [file]) with { ReadFiles = [file] }, "the file of options");
    }

    [Fact]
    public void Files_besides_the_reports()
    {
        var file = Make("new");
        ShouldClash(New([], new FetchOptions { JournalPath = file, WarcPath = file }), "--warc");
        ShouldClash(New([], new FetchOptions { CookieJarPath = file, JournalPath = file }), "--journal");
        ShouldClash(New([Make("there.json")], new FetchOptions { JournalPath = Make("hard.json") }), "the list");
    }

    [Fact]
    public void A_name_that_a_file_has_while_it_is_written() =>
        ShouldClash(New([], new FetchOptions { JournalPath = Make("r.json.part") }, Make("r.json")), "--journal");

    [Fact]
    public void What_many_may_write_or_what_is_read_and_written_in_turn_is_no_clash()
    {
        Make("there.json");
        File.CreateSymbolicLink(_folder["null.json"], "/dev/null");
        File.CreateSymbolicLink(_folder["null.csv"], "/dev/null");
        var jar = Make("jar");

        DistinctFiles.Check(New([_folder["there.json"], _folder["there.json"]], reports: [_folder["null.json"], _folder["null.csv"]]));
        DistinctFiles.Check(New(["http://a/", "-"], new FetchOptions { CookieJarPath = jar, CookieFiles = [jar] }, Make("r.json"), Make("r.csv")));
    }

    private static void ShouldClash(FetchInvocation invocation, string named)
    {
        var message = Should.Throw<UsageException>(() => DistinctFiles.Check(invocation)).Message;
        message.ShouldEndWith(" are the same file");
        message.ShouldContain(named);
    }

    private static FetchInvocation New(string[] sources, params string[] reports) => New(sources, new FetchOptions(), reports);

    private static FetchInvocation New(string[] sources, FetchOptions options, params string[] reports) => new(
        sources, Count: 1, options, Format: null, reports, ResultOrder.Completion, Quiet: true, Verbose: false, Progress: null, Lab: false, Grace: default);

    /// <summary>A path in the folder; the folder has a file with all kinds of names, and a way round.</summary>
    private string Make(string name)
    {
        if (!File.Exists(_folder["there.json"]))
        {
            Directory.CreateDirectory(_folder["sub"]);
            File.WriteAllText(_folder["there.json"], "http://a/");
            File.CreateSymbolicLink(_folder["soft.json"], "there.json");
            File.CreateSymbolicLink(_folder["dangling.json"], _folder["r.json"]);
            Directory.CreateSymbolicLink(_folder["way"], _folder.Path);
            using var link = System.Diagnostics.Process.Start("ln", [_folder["there.json"], _folder["hard.json"]]);
            link.WaitForExit();
        }

        return _folder[name];
    }
}
