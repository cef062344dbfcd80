using Fetcher.Core;
using Fetcher.Core.Fetch;

namespace Fetcher.Tests.Fetch;

/// <summary>What is made of a line of the list.</summary>
public sealed class UrlLineTests
{
    private readonly Transfer _transfer = new(new FetchOptions());

    [Theory]
    [InlineData("http://a.test", "http://a.test/", "http://a.test")]
    [InlineData("http://me:secret@a.test/x?y", "http://a.test/x?y", "http://a.test/x?y")]
    public void A_URL_is_shown_as_given_but_for_its_user_info(string line, string url, string shown)
    {
        Parse(line).ShouldBeNull();

        (_transfer.Url.ToString(), _transfer.Result.Url.ToString()).ShouldBe((url, shown));
    }

    [Theory]
    [InlineData("ftp://a.test/")]
    [InlineData("http://me:secret@")]
    [InlineData("http://a.test:99999/")]
    [InlineData("")]
    public void What_is_none_is_final_and_says_where_it_stands_and_no_secret(string line)
    {
        var error = Parse(line).ShouldNotBeNull();

        (error.Kind, error.ExitCode, error.Blame).ShouldBe((FetchErrorKind.BadUrl, 3, FailureBlame.Final));
        error.Message.ShouldStartWith("urls.txt:7: ");
        (error.Message + _transfer.Result.Url).ShouldNotContain("secret");
    }

    [Fact]
    public void An_argument_has_no_place()
    {
        Parse("ftp://a.test/", line: 0)!.Message.ShouldNotContain("urls.txt");
    }

    [Fact]
    public void What_the_source_knows_to_be_wrong_is_told()
    {
        _transfer.Item.Problem = "the line is too long";

        Parse("http://a.test/")!.Message.ShouldBe("urls.txt:7: the line is too long");
    }

    [Fact]
    public void A_name_to_save_as_needs_a_folder()
    {
        _transfer.Item.Options = new UrlOptions { SaveAs = "x" };

        Parse("http://a.test/")!.Message.ShouldContain("--output-dir");
        UrlLine.Parse(_transfer, new FetchOptions { OutputDir = "folder" }).ShouldBeNull();
    }

    private FetchError? Parse(string text, long line = 7)
    {
        (_transfer.Item.Origin, _transfer.Item.Line) = ("urls.txt", line);
        _transfer.Item.Text.Set(System.Text.Encoding.UTF8.GetBytes(text));
        return UrlLine.Parse(_transfer, new FetchOptions());
    }
}
