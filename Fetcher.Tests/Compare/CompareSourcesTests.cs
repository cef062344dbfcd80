using System.Text;
using Fetcher.Compare;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Compare;

public sealed class CompareSourcesTests
{
    [Fact]
    public async Task Standard_input_becomes_a_file_that_goes_in_the_end()
    {
        string path;
        using (var sources = await OpenAsync(["http://a/", "-"], "http://b/\nhttp://c/\n"))
        {
            path = sources.Paths[1];
            sources.Paths[0].ShouldBe("http://a/");
            (await File.ReadAllTextAsync(path)).ShouldBe("http://b/\nhttp://c/\n");
        }

        File.Exists(path).ShouldBeFalse();
    }

    [Fact]
    public async Task Only_its_owner_may_read_the_copy()
    {
        using var sources = await OpenAsync(["-"], "http://user:secret@b/\n");

        const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
        if (!OperatingSystem.IsWindows())
        {
            File.GetUnixFileMode(Path.GetDirectoryName(sources.Paths[0])!).ShouldBe(OwnerOnly);
        }
    }

    [Theory]
    [InlineData("/no/such/list")]
    [InlineData("/")]
    public async Task What_cannot_be_read_is_known_before_anything_runs(string source) =>
        (await Should.ThrowAsync<SourceException>(() => OpenAsync([source], ""))).Message.ShouldContain(source);

    [Fact]
    public async Task An_empty_list_is_refused() => await Should.ThrowAsync<SourceException>(() => OpenAsync(["-"], "# nothing\n"));

    [Fact]
    public async Task Standard_input_can_be_given_only_once() =>
        await Should.ThrowAsync<SourceException>(() => OpenAsync(["-", "-"], "http://a/\n"));

    [Fact]
    public async Task The_first_URL_is_found_behind_comments()
    {
        using var sources = await OpenAsync(["-"], "# list\n\nhttp://b/x\nhttp://c/\n");

        (await sources.FirstUrlAsync(CancellationToken.None)).ShouldBe("http://b/x");
    }

    private static Task<CompareSources> OpenAsync(string[] sources, string input) =>
        CompareSources.OpenAsync(sources, () => new MemoryStream(Encoding.UTF8.GetBytes(input)), new ListOptions(Globs: true), CancellationToken.None);
}
