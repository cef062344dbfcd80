using System.Text;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Journals;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Saving;

/// <summary><c>--journal</c>: what was recorded as fetched is not fetched again, whatever happened to the run before.</summary>
public sealed class JournalTests : IDisposable
{
    private readonly TempFolder _folder = new();

    private string FilePath => _folder["journal"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_second_run_fetches_only_what_failed()
    {
        var isUp = false;
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/b" && !isUp ? Response("503 Busy") : Ok(path)));
        string[] urls = [server.Url("/a"), server.Url("/b"), server.Url("/c")];

        var first = await RunAsync(urls);
        isUp = true;
        var again = await RunAsync(urls);
        var third = await RunAsync(urls);

        first.Select(outcome => outcome.Ok).ShouldBe([true, false, true]);
        again.Select(outcome => outcome.Attempts).ShouldBe([0, 1, 0]);
        again.ShouldAllBe(outcome => outcome.Ok && outcome.Status == 200 && outcome.SizeBody == 2);
        third.ShouldAllBe(outcome => outcome.Ok && outcome.Attempts == 0);
        server.Requests.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_recorded_outcome_is_reported_as_it_was()
    {
        await using var server = new ScriptedServer(Answer(Ok("hello", "Content-Type: text/plain\r\nETag: \"v1\"\r\n")));
        var options = ModeRun.Options with { Sha256 = true, OutputDir = _folder["out"] };

        var url = server.Url("/a", "user:secret@127.0.0.1");
        var first = (await RunAsync([url], options)).ShouldHaveSingleItem();
        var again = (await RunAsync([url], options)).ShouldHaveSingleItem();

        (again.Index, again.Url, again.FinalUrl, again.Mode, again.Status).ShouldBe((first.Index, first.Url, first.FinalUrl, first.Mode, first.Status));
        (again.SizeBody, again.Sha256, again.SavedAs, again.ContentType).ShouldBe((first.SizeBody, first.Sha256, first.SavedAs, first.ContentType));
        (again.Attempts, again.SizeDownload, again.Total).ShouldBe((0, 0, 0));
        var text = await File.ReadAllTextAsync(FilePath, TestContext.Current.CancellationToken);
        text.ShouldContain("v1");
        text.ShouldNotContain("secret");
    }

    [Fact]
    public async Task Cut_off_at_any_byte_the_journal_leads_to_the_same_end()
    {
        string[] urls = [.. Enumerable.Range(0, 3).Select(i => $"http://host/{i}?é")];
        Record(urls);
        var whole = await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken);
        for (var length = 0; length <= whole.Length; length++)
        {
            await File.WriteAllBytesAsync(FilePath, whole[..length], TestContext.Current.CancellationToken);
            var recorded = whole.AsSpan(0, length).Count((byte)'\n');

            var (fetched, reported) = Record(urls);

            fetched.Count.ShouldBe(urls.Length - recorded);
            fetched.Concat(reported).Order().ShouldBe([0, 1, 2]);
            (await File.ReadAllBytesAsync(FilePath, TestContext.Current.CancellationToken)).ShouldBe(whole);
        }
    }

    [Fact]
    public void Whatever_is_done_and_killed_in_between_ends_with_everything_once() =>
        Gen.Select(Gen.Int[1, 30], Gen.Int[0, 100].List[0, 6]).Sample((count, kills) =>
        {
            File.Delete(FilePath);
            string[] urls = [.. Enumerable.Range(0, count).Select(i => $"http://host/{i}")];
            var done = new HashSet<long>();
            foreach (var percent in kills)
            {
                var (fetched, reported) = Record(urls, mostFetched: Math.Max(1, count / 3));
                reported.ShouldAllBe(index => done.Contains(index));
                fetched.ShouldAllBe(index => !done.Contains(index));
                using (var file = File.OpenHandle(FilePath, FileMode.Open, FileAccess.ReadWrite))
                {
                    RandomAccess.SetLength(file, RandomAccess.GetLength(file) * percent / 100);
                }

                done = [.. File.ReadAllText(FilePath).Split('\n')[..^1].Select(IndexOf)];
            }

            var last = Record(urls);
            last.Fetched.Concat(last.Reported).Order().ShouldBe(Enumerable.Range(0, count).Select(i => (long)i));
        }, iter: 30, threads: 1);

    [Fact]
    public void A_line_is_short_and_leaves_out_what_follows_from_the_rest()
    {
        var result = new FetchResult { Index = 1_234_567, Status = 200, SizeBody = 600, ContentType = "text/html" };
        result.Url.Set("http://localhost/1234567"u8);
        result.FinalUrl.Set("http://localhost/1234567"u8);
        LineOf(result).ShouldBe("[1234567,\"http://localhost/1234567\",200,600,\"text/html\"]\n");

        result.ETag.Set("\"65a3b-258\""u8);
        result.LastModified.Set("Sat, 28 Nov 2026 23:00:00 GMT"u8);
        LineOf(result).ShouldBe("[1234567,\"http://localhost/1234567\",200,600,\"text/html\",\"\\\"65a3b-258\\\"\",1795906800]\n");
        LineOf(result).Length.ShouldBeLessThan(100);
        var read = new FetchResult();
        JournalLine.TryRead(Encoding.UTF8.GetBytes(LineOf(result)[..^1]), read).ShouldBe(true);
        (read.ETag.ToString(), read.LastModified.ToString(), read.FinalUrl.ToString()).ShouldBe(("\"65a3b-258\"", "Sat, 28 Nov 2026 23:00:00 GMT", "http://localhost/1234567"));

        result.Error = new FetchError(FetchErrorKind.Timeout, "slow", 28);
        LineOf(result).ShouldStartWith("[1234567,\"http://localhost/1234567\",\"timeout\",200,600,");
        JournalLine.TryRead(Encoding.UTF8.GetBytes(LineOf(result)[..^1]), read).ShouldBe(false);
    }

    [Fact]
    public async Task A_journal_of_an_earlier_version_is_gone_on_with()
    {
        await File.WriteAllTextAsync(
            FilePath,
            "{\"index\":0,\"url\":\"http://host/0\",\"final_url\":\"http://host/0\",\"ok\":true,\"status\":200,\"error\":null,\"size_body\":5,\"sha256\":null}\n{\"index\":1,\"u",
            TestContext.Current.CancellationToken);

        var (fetched, reported) = Record(["http://host/0", "http://host/1"]);

        fetched.ShouldBe([1L]);
        reported.ShouldBe([0L]);
        var lines = await File.ReadAllLinesAsync(FilePath, TestContext.Current.CancellationToken);
        lines[0].ShouldStartWith("{");
        lines[1].ShouldStartWith("[1,");
        Record(["http://host/0", "http://host/1"]).Fetched.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_torn_line_is_cut_off_and_told()
    {
        Record(["http://host/0"]);
        var whole = new FileInfo(FilePath).Length;
        await File.AppendAllTextAsync(FilePath, "{\"index\":1,\"u", TestContext.Current.CancellationToken);

        using var file = new JournalFile(FilePath);

        (file.Healed, file.Length).ShouldBe((13, whole));
    }

    [Theory]
    [InlineData("http://host/1\nhttp://host/2\n")]
    [InlineData("http://host/1")]
    [InlineData("{\"index\":0}\n")]
    [InlineData("[0]\n")]
    [InlineData("[0,null,200,0]\n")]
    [InlineData("[-1,\"a\",200,0]\n")]
    [InlineData("[0,\"a\",null,0]\n")]
    [InlineData("[0,\"a\",200,0,null,null,999999999999]\n")]
    [InlineData("[\"a\"")]
    [InlineData("{\"index\":-1,\"url\":\"a\",\"ok\":true}\n")]
    [InlineData("{\"index\":0,\"url\":\"a\",\"ok\":true}\n{\"index\":0,\"url\":\"b\",\"ok\":true}\n")]
    [InlineData("{\"index\":0,\"url\":\"a\",\"ok\":true}\n\0\0\0\n")]
    public void A_file_that_is_no_journal_is_refused_and_left_as_it_is(string text)
    {
        File.WriteAllText(FilePath, text);

        Should.Throw<FetchSetupException>(() => new JournalFile(FilePath));

        File.ReadAllText(FilePath).ShouldBe(text);
    }

    [Fact]
    public void A_device_is_no_journal() =>
        Should.Throw<FetchSetupException>(() => new JournalFile("/dev/full")).Message.ShouldContain("regular");

    [Fact]
    public void A_journal_in_use_is_refused()
    {
        using var file = new JournalFile(FilePath);

        Should.Throw<FetchSetupException>(() => new JournalFile(FilePath));
    }

    [Fact]
    public void A_journal_of_another_list_is_refused()
    {
        Record(["http://host/0", "http://host/1"]);
        using var file = new JournalFile(FilePath);
        var source = new MemorySource(["http://host/0", "http://host/other"]);
        using var journal = new Journal(file, "async", new ListWork(source, new MemorySink()));

        Should.Throw<IOException>(() => journal.TryTake(new UrlItem())).Message.ShouldContain("index 1");
    }

    [Fact]
    public async Task The_program_says_what_is_wrong_with_a_journal_and_exits_2()
    {
        Record(["http://127.0.0.1:1/0"]);

        var ran = await FetcherProcess.RunAsync("http://127.0.0.1:1/other", "--journal", FilePath, "--retry", "0");

        ran.ExitCode.ShouldBe(2);
        ran.Error.ShouldContain("another list");
    }

    [Fact]
    public void A_full_disk_stops_the_run_and_leaves_a_journal_that_goes_on()
    {
        string[] urls = [.. Enumerable.Range(0, 2000).Select(i => $"http://host/{i}?{new string('x', 60)}")];
        using var disk = TinyDisk.Mount(_folder["disk"], "64k");
        var path = _folder["disk/journal"];
        var errors = 0;
        using (var file = new JournalFile(path))
        using (var journal = new Journal(file, "async", new ListWork(new MemorySource(urls), new MemorySink())) { OnError = () => errors++ })
        {
            TakeAll(journal, int.MaxValue);
            journal.End();
            journal.Error.ShouldNotBeNull();
            errors.ShouldBe(1);
        }

        using (var healed = new JournalFile(path))
        {
            healed.Healed.ShouldBe(0);
            healed.Length.ShouldBeGreaterThan(48 * 1024, "what there was room for");
        }

        disk.Resize("4m");
        var (fetched, reported) = Record(urls, path: path);
        reported.ShouldNotBeEmpty();
        fetched.Concat(reported).Order().ShouldBe(Enumerable.Range(0, 2000).Select(i => (long)i));
    }

    [Fact]
    public void A_million_lines_take_eight_bytes_each()
    {
        var index = new JournalIndex();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0L; i < 1_000_000; i++)
        {
            index.Add(i, i * 31, i * 200, ok: true);
        }

        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeInRange(8_000_000, 8_500_000);
        index.TryFind(999_999, 999_999 * 31, out var offset).ShouldBeTrue();
        offset.ShouldBe(999_999 * 200);
        index.TryFind(5, 6 * 31, out _).ShouldBeFalse();
    }

    [Fact]
    public void A_failure_is_forgotten_once_it_was_fetched_and_not_the_other_way_round()
    {
        var index = new JournalIndex();

        index.Add(0, 1, 0, ok: false);
        index.TryFind(0, 1, out var failed).ShouldBeTrue();
        index.Add(0, 1, 50, ok: true);
        index.Add(0, 1, 90, ok: false);
        index.TryFind(0, 1, out var fetched).ShouldBeTrue();

        (failed, fetched).ShouldBe((-1, 50));
    }

    private static string LineOf(FetchResult result)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        using var json = new System.Text.Json.Utf8JsonWriter(output, JsonText.Options);
        JournalLine.Write(json, output, result);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static long IndexOf(string line)
    {
        var result = new FetchResult();
        JournalLine.TryRead(Encoding.UTF8.GetBytes(line), result).ShouldBe(true);
        return result.Index;
    }

    /// <summary>Takes URLs and records each as fetched; gives their indexes.</summary>
    private static List<long> TakeAll(Journal journal, int most)
    {
        var taken = new List<long>();
        var item = new UrlItem();
        while (taken.Count < most && journal.TryTake(item) == TakeStatus.Taken)
        {
            var result = new FetchResult { Index = item.Index, Status = 200, Attempts = 1 };
            result.Url.Set(item.Text.Span);
            taken.Add(item.Index);
            journal.Complete(item, result);
        }

        return taken;
    }

    /// <summary>Goes through a list without a network: which indexes were fetched, and which reported from the journal.</summary>
    private (List<long> Fetched, List<long> Reported) Record(string[] urls, int mostFetched = int.MaxValue, string? path = null)
    {
        var sink = new MemorySink();
        List<long> fetched;
        using (var file = new JournalFile(path ?? FilePath))
        using (var journal = new Journal(file, "async", new ListWork(new MemorySource(urls), sink)))
        {
            fetched = TakeAll(journal, mostFetched);
            journal.End();
            journal.Error.ShouldBeNull();
        }

        return (fetched, [.. sink.Outcomes.Where(outcome => outcome.Attempts == 0).Select(outcome => outcome.Index)]);
    }

    private async Task<IReadOnlyList<Outcome>> RunAsync(string[] urls, FetchOptions? options = null)
    {
        var sink = new MemorySink();
        using var file = new JournalFile(FilePath);
        using var journal = new Journal(file, "async", new ListWork(new MemorySource(urls), sink));
        await ModeRun.RunAsync("async", (options ?? ModeRun.Options) with { JournalPath = FilePath }, journal);
        journal.End();
        return [.. sink.Outcomes.OrderBy(outcome => outcome.Index)];
    }
}
