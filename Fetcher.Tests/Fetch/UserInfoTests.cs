using Fetcher.Core;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

public sealed class UserInfoTests
{
    [Theory]
    [InlineData("http://me:secret@/path", "http:///path")]
    [InlineData("http://me:sec@ret@a b/?x@y", "http://a b/?x@y")]
    [InlineData("me:secret@host/path", "host/path")]
    [InlineData("ftp://me:secret@host", "ftp://host")]
    [InlineData("/only@path", "/only@path")]
    public async Task A_line_that_is_no_URL_gives_no_password_away(string line, string shown)
    {
        var outcome = await ModeRun.FetchOneAsync("async", line);

        (outcome.Error, outcome.Url).ShouldBe((FetchErrorKind.BadUrl, shown));
        outcome.Message!.ShouldNotContain("secret");
    }
}
