using System.Security.Cryptography;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Core.Saving;
using Fetcher.Core.Work.Sources;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary>Names and times that servers give, folders by hash, and bodies whose hash the list knows.</summary>
public sealed class ServersWordTests : IDisposable
{
    private static readonly string Hash = Convert.ToHexStringLower(SHA256.HashData("hello"u8));

    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    private FetchOptions Options => ModeRun.Options with { OutputDir = _folder["out"] };

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Name_and_time_are_the_servers(string mode)
    {
        await using var server = new ScriptedServer(Answer(
            Ok("hello", "Content-Disposition: attachment; filename=\"../its.txt\"\r\nLast-Modified: Sun, 06 Nov 1994 08:49:37 GMT\r\n"), Ok("hello")));

        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { RemoteHeaderName = true, RemoteTime = true, OutputTemplate = "a/{name}" }, server.Url("/x"), server.Url("/y"));

        outcomes.Select(outcome => Path.GetRelativePath(_folder["out"], outcome.SavedAs!)).ShouldBe(["a/its.txt", "a/y"]);
        File.GetLastWriteTimeUtc(outcomes[0].SavedAs!).ShouldBe(new DateTime(1994, 11, 6, 8, 49, 37, DateTimeKind.Utc));
        File.GetLastWriteTimeUtc(outcomes[1].SavedAs!).Year.ShouldBeGreaterThan(2000);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Folders_may_be_of_the_hash(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/other" ? Ok("other") : Ok("hello")));

        var outcomes = await ModeRun.FetchAsync(
            mode, Options with { OutputTemplate = "{host}/{sha256:2}/{sha256:4}/{name}" }, server.Url("/a"), server.Url("/a"), server.Url("/other"));

        outcomes.Take(2).Select(outcome => Path.GetRelativePath(_folder["out"], outcome.SavedAs!)).Order(StringComparer.Ordinal)
            .ShouldBe([$"127.0.0.1/{Hash[..2]}/{Hash[..4]}/a", $"127.0.0.1/{Hash[..2]}/{Hash[..4]}/a.1"]);
        outcomes.ShouldAllBe(outcome => outcome.Ok);
        Directory.EnumerateFiles(_folder["out"], "*", SearchOption.AllDirectories).Count().ShouldBe(3);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_with_another_hash_than_the_list_says_fails_and_is_not_saved(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("hello"), Ok("hullo")));
        var list = _folder["list"];
        await File.WriteAllLinesAsync(
            list,
            [$$"""{"url":"{{server.Url("/good")}}","sha256":"{{Hash.ToUpperInvariant()}}"}""", $$"""{"url":"{{server.Url("/bad")}}","sha256":"{{Hash}}"}"""],
            TestContext.Current.CancellationToken);
        using var source = UrlSource.Open([list]);
        var sink = new MemorySink();

        await ModeRun.RunAsync(mode, Options with { Retry = 2 }, source, sink);

        var outcomes = sink.Outcomes.OrderBy(outcome => outcome.Index).ToArray();
        (outcomes[0].Ok, outcomes[0].Sha256).ShouldBe((true, Hash), outcomes[0].Message);
        (outcomes[1].Error, outcomes[1].ExitCode, outcomes[1].Attempts, outcomes[1].SavedAs).ShouldBe((FetchErrorKind.Checksum, 8, 1, null));
        outcomes[1].Message!.ShouldEndWith($"and the list says {Hash}");
        Directory.EnumerateFiles(_folder["out"]).Select(Path.GetFileName).ShouldBe(["good"]);
    }

    [Fact]
    public void Names_that_nobody_knows_beforehand_and_looking_for_them_exclude_each_other() =>
        Should.Throw<FetchSetupException>(() => new BodyStore(Options with { RemoteHeaderName = true, SkipExisting = true })).Message.ShouldContain("--remote-header-name");

    [Theory]
    [InlineData("{name}", "http://a/x", "http://A:81/y")]
    [InlineData("{host}/{name}", "http://a/x", "http://b/y")]
    [InlineData("{name}", "-", "-")]
    [InlineData("{host}/{name}", "http://a/", "no url\nhttp://b/")]
    public async Task The_usual_names_have_the_host_where_the_list_has_several(string template, string first, string second)
    {
        var list = _folder["list"];
        await File.WriteAllTextAsync(list, second, TestContext.Current.CancellationToken);

        ListHosts.TemplateFor(first == "-" ? ["-"] : [first, list], options: null).ShouldBe(template);
    }

    [Theory]
    [InlineData("run.ndjson.gz")]
    [InlineData("run.json.zst")]
    public async Task A_report_is_compressed_as_its_name_says(string name)
    {
        var path = _folder[name];
        var file = new ReportFile(path, CancellationToken.None);
        await file.Stream.WriteAsync("http://a/\nhttp://b/\n"u8.ToArray(), TestContext.Current.CancellationToken);
        await file.Stream.DisposeAsync();
        file.Finish();

        // A packed list is read as such, and shows that the whole is there.
        using var source = UrlSource.Open([path]);
        var item = new UrlItem();
        var lines = 0;
        for (TakeStatus status; (status = source.TryTake(item)) != TakeStatus.End;)
        {
            lines += status == TakeStatus.Taken ? 1 : 0;
            await Task.Yield();
        }

        lines.ShouldBe(2);
        (await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken))[0].ShouldBeOneOf((byte)0x1F, (byte)0x28);
        ReportFormats.ForFile(name).ShouldBeOfType(name.StartsWith("run.ndjson", StringComparison.Ordinal) ? typeof(NdjsonReport) : typeof(JsonReport));
    }
}
