using Fetcher.Core;
using Fetcher.Core.Runs;
using Fetcher.Core.Work;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Runs;

/// <summary>A run as the command line, the rounds of compare and the library have it: checked, opened, done, closed, and told as a value.</summary>
public sealed class FetchSessionTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_run_goes_to_its_end_and_tells_that_nothing_is_amiss()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var sink = new MemorySink();
        var options = ModeRun.Options with { JournalPath = _folder["journal"], CookieJarPath = _folder["jar"], WarcPath = _folder["a.warc"], OutputDir = _folder["out"] };

        var end = await RunAsync(new RunPlan(options), new ListWork(new MemorySource([server.Url("/a")]), sink));

        (end.Error, end.Loops.Count).ShouldBe((null, 0));
        sink.Outcomes.ShouldHaveSingleItem().Ok.ShouldBeTrue();
        _folder.Files.ShouldBe(["a.warc", "jar", "journal", "out/a"]);
    }

    [Fact]
    public async Task The_next_run_with_the_journal_fetches_nothing()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var plan = new RunPlan(ModeRun.Options with { JournalPath = _folder["journal"] });
        var (first, again) = (new MemorySink(), new MemorySink());

        await RunAsync(plan, new ListWork(new MemorySource([server.Url()]), first));
        await File.AppendAllTextAsync(_folder["journal"], "{\"index\":1,\"u", TestContext.Current.CancellationToken);
        await using var session = FetchSession.Open(plan, () => new ListWork(new MemorySource([server.Url()]), again));
        session.JournalHealed.ShouldBe(13);
        await session.ToEndAsync();

        first.Outcomes.ShouldHaveSingleItem().Attempts.ShouldBe(1);
        again.Outcomes.ShouldHaveSingleItem().Attempts.ShouldBe(0);
        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public void A_mode_that_cannot_run_is_refused_before_any_file_is_opened()
    {
        var options = ModeRun.Options with
        {
            Mode = "select",
            Concurrency = 2000,
            JournalPath = _folder["journal"],
            WarcPath = _folder["a.warc"],
            OutputDir = _folder["out"],
        };

        Should.Throw<FetchSetupException>(() => FetchSession.Open(new RunPlan(options), Nothing)).Message.ShouldContain("the mode select cannot run");
        _folder.Files.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_refused_leaves_nothing_behind_and_begins_no_report()
    {
        var options = ModeRun.Options with { JournalPath = _folder["journal"], WarcPath = _folder["a.warc"], CaCertPath = _folder["missing.pem"] };

        Should.Throw<FetchSetupException>(() => FetchSession.Open(new RunPlan(options), Nothing)).Message.ShouldContain("missing.pem");
        Should.Throw<FetchSetupException>(() => FetchSession.Open(new RunPlan(options), () => throw new InvalidOperationException("begun")));
        _folder.Files.ShouldBeEmpty();
        (await RunAsync(new RunPlan(options with { CaCertPath = null }), Nothing())).Error.ShouldBeNull();
    }

    [Fact]
    public async Task A_list_that_breaks_off_and_cookies_that_cannot_be_written_are_told()
    {
        var jar = Directory.CreateDirectory(_folder["jar"]);
        await using var server = new ScriptedServer(AnswerByPath(_ =>
        {
            jar.Delete(recursive: true);
            return Ok();
        }));
        var sink = new MemorySink();
        var options = ModeRun.Options with { CookieJarPath = _folder["jar/cookies"] };

        var end = await RunAsync(new RunPlan(options), new ListWork(new BrokenSource(server.Url()), sink));

        end.InputError.ShouldNotBeNull().Message.ShouldBe("torn");
        end.CookieError.ShouldNotBeNull();
        end.Error.ShouldBe(end.InputError);
        sink.Outcomes.ShouldHaveSingleItem().Ok.ShouldBeTrue();
    }

    [Fact]
    public async Task An_archive_that_cannot_be_written_stops_the_run()
    {
        await using var server = new ScriptedServer(Answer(Ok(new string('x', 100_000))));
        using var disk = TinyDisk.Mount(_folder["disk"], "64k");
        var sink = new MemorySink();
        var source = new MemorySource([server.Url()], staysOpen: true);

        var end = await RunAsync(new RunPlan(ModeRun.Options with { WarcPath = _folder["disk/a.warc"] }), new ListWork(source, sink));

        end.ArchiveError.ShouldNotBeNull();
        sink.Outcomes.Count.ShouldBe(1);
    }

    private static ListWork Nothing() => new(new MemorySource([]), new MemorySink());

    private static async Task<RunEnd> RunAsync(RunPlan plan, IWork work)
    {
        await using var session = FetchSession.Open(plan, () => work);
        return await session.ToEndAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
    }

    /// <summary>A list that cannot be read any further after its first line.</summary>
    private sealed class BrokenSource(string url) : IUrlSource
    {
        private readonly MemorySource _first = new([url]);

        public long? Total => null;

        public TakeStatus TryTake(UrlItem item) => _first.TryTake(item) is var status && status != TakeStatus.End ? status : throw new IOException("torn");

        public void NotifyWhenReady(Action ready) => ready();
    }
}
