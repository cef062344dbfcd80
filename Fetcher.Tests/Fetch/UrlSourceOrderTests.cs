using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>The whole list, all sources one after the other, COUNT times over.</summary>
public sealed class UrlSourceOrderTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void Sources_of_all_kinds_are_concatenated_and_the_list_is_repeated_whole()
    {
        var first = _directory.Write("first.txt", "http://a/\nhttp://b/\n");
        var second = _directory.Write("second.txt", "http://d/");
        using var source = UrlSource.Open(
            [first, "http://c/", second, "-"], count: 2, () => new PieceStream(new MemoryStream("http://e/\n"u8.ToArray()), 3));

        source.TakeAll().ShouldBe(
        [
            new TakenItem(0, "http://a/", first, 1, null),
            new TakenItem(1, "http://b/", first, 2, null),
            new TakenItem(2, "http://c/", "argument", 0, null),
            new TakenItem(3, "http://d/", second, 1, null),
            new TakenItem(4, "http://e/", "-", 1, null),
            new TakenItem(5, "http://a/", first, 1, null),
            new TakenItem(6, "http://b/", first, 2, null),
            new TakenItem(7, "http://c/", "argument", 0, null),
            new TakenItem(8, "http://d/", second, 1, null),
            new TakenItem(9, "http://e/", "-", 1, null),
        ]);
    }

    [Fact]
    public void A_short_list_is_repeated_and_its_total_is_known()
    {
        using var source = UrlSource.Open([_directory.Write("urls.txt", "http://a/\n# no\n\nhttp://b/\n"), "http://c/"], count: 3);

        source.Total.ShouldBe(9);
        var items = source.TakeAll();
        items.Select(item => item.Index).ShouldBe(Enumerable.Range(0, 9).Select(i => (long)i));
        (string, long)[] round = [("http://a/", 1), ("http://b/", 4), ("http://c/", 0)];
        items.Select(item => (item.Text, item.Line)).ShouldBe([.. round, .. round, .. round]);
    }

    [Theory]
    [InlineData("a\nb\n", 2)]
    [InlineData("a\nb", 2)]
    [InlineData("a\r\nb\r\n", 2)]
    [InlineData("\na\n", 1)]
    [InlineData("a\n\nb\n\n", 2)]
    [InlineData("# no\na\n", 1)]
    [InlineData("a#f\nb\n#no", 2)]
    [InlineData(" a\n\t\nb", 2)]
    [InlineData("\ufeffa\nb\n", 2)]
    [InlineData("\ufeff\na\n", 1)]
    public void The_total_is_how_many_can_be_taken(string list, int count)
    {
        using var source = UrlSource.Open([_directory.Write("urls.txt", list)]);
        source.Total.ShouldBe(count);
        source.TakeAll().Count.ShouldBe(count);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_list_without_a_count_goes_on_as_long_as_somebody_takes_from_it(bool isStreamed)
    {
        using var source = isStreamed
            ? UrlSource.Open(["-"], count: null, () => new PieceStream(new MemoryStream("http://a/\nhttp://b/\n"u8.ToArray()), 3))
            : UrlSource.Open(["http://a/", "http://b/"], count: null);

        (source.Total, source.IsEndless).ShouldBe((null, true));
        Enumerable.Range(0, 7).Select(_ => source.TakeNext()!.Text).ShouldBe(Enumerable.Range(0, 7).Select(index => index % 2 == 0 ? "http://a/" : "http://b/"));
    }

    [Fact]
    public void A_file_that_is_too_long_to_hold_is_read_again_and_its_total_is_known()
    {
        var lines = Enumerable.Range(0, 60_000).Select(i => $"http://host/{i:D8}").ToArray();
        var path = _directory.Write("urls.txt", string.Join('\n', lines));
        new FileInfo(path).Length.ShouldBeInRange(UrlSource.LoadLimit + 1, UrlSource.CountLimit);
        using var source = UrlSource.Open([path], count: 2);

        source.Total.ShouldBe(120_000);
        var items = source.TakeAll();
        items.Select(item => item.Text).ShouldBe(lines.Concat(lines));
        items[60_000].ShouldBe(new TakenItem(60_000, lines[0], path, 1, null));
    }

    [Fact]
    public void The_total_of_a_very_long_file_is_not_known()
    {
        var path = Path.Combine(_directory.Path, "long.txt");
        using (var file = File.Create(path))
        {
            file.SetLength(UrlSource.CountLimit + 1);
        }

        using var source = UrlSource.Open([path]);

        source.Total.ShouldBeNull();
    }

    [Fact]
    public void The_total_of_a_pipe_is_not_known()
    {
        using var source = SourceTesting.FromPipe("http://a/\n");

        source.Total.ShouldBeNull();
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void Standard_input_is_repeated_from_memory_or_from_a_temporary_file(int length)
    {
        var lines = Enumerable.Range(0, length).Select(i => $"http://host/{i:D8}").ToArray();
        using var source = SourceTesting.FromPipe(string.Join('\n', lines), count: 3);

        source.TakeAll().Select(item => item.Text).ShouldBe(lines.Concat(lines).Concat(lines));
    }

    [Fact]
    public void Standard_input_that_is_a_file_is_read_from_where_it_stands()
    {
        var path = _directory.Write("urls.txt", "http://read/already\nhttp://a/\n");
        using var source = UrlSource.Open(["-"], count: 2, () =>
        {
            var file = File.OpenRead(path);
            file.Position = 20;
            return file;
        });

        source.Total.ShouldBe(2);
        source.TakeAll().ShouldBe([new TakenItem(0, "http://a/", "-", 1, null), new TakenItem(1, "http://a/", "-", 1, null)]);
    }

    [Fact]
    public void The_end_stays_the_end()
    {
        using var source = UrlSource.Open(["http://a/"]);

        source.TakeAll().Count.ShouldBe(1);
        source.TakeNext().ShouldBeNull();
    }
}
