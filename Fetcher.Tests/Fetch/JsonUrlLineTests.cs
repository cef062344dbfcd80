using Fetcher.Core;

namespace Fetcher.Tests.Fetch;

/// <summary>Lines of a list that are JSON objects.</summary>
public sealed class JsonUrlLineTests
{
    [Fact]
    public void A_line_that_is_JSON_says_more_than_a_URL()
    {
        var item = Take("""{"url":"http://a/","headers":{"Accept":" text/html ","User-Agent":null},"method":"HEAD","id":"x"}""");

        (item.Text, item.Problem, item.Line).ShouldBe(("http://a/", null, 1));
        var options = item.Options.ShouldNotBeNull();
        options.Headers.ShouldBe([new RequestHeader("Accept", "text/html")]);
        options.RemovedHeaders.ShouldBe(["User-Agent"]);
        (options.Method, options.SaveAs, options.Id).ShouldBe((FetchMethod.Head, null, new UrlId("x")));
    }

    [Fact]
    public void Only_the_URL_is_needed_and_the_order_is_free()
    {
        Take("""{"url":"http://a/"}""").Options!.Id.ShouldBeNull();
        Take("""  {"save_as":"d/f","id":7,"url":"http:\/\/\u0061/"}  """).ShouldSatisfyAllConditions(
            item => item.Text.ShouldBe("http://a/"),
            item => item.Options!.SaveAs.ShouldBe("d/f"),
            item => item.Options!.Id.ShouldBe(new UrlId("7", IsNumber: true)));
    }

    [Fact]
    public void Plain_lines_and_JSON_lines_stand_in_one_list()
    {
        using var source = SourceTesting.FromPipe("""
            http://a/
            {"url":"http://b/","id":"b"}
            # {"url":"http://no/"}

            http://c/{x}
            """);

        source.TakeAll().Select(item => (item.Text, item.Line, item.Options?.Id?.Text)).ShouldBe(
            [("http://a/", 1, null), ("http://b/", 2, "b"), ("http://c/{x}", 5, null)]);
    }

    [Theory]
    [InlineData("{", "the line begins with { and is not valid JSON, at byte 2")]
    [InlineData("""{"url":"http://a/"} x""", "the line begins with { and is not valid JSON, at byte 21")]
    [InlineData("""{"url":"http://a/",}""", "the line begins with { and is not valid JSON, at byte 20")]
    [InlineData("{}", "the line has no \"url\"")]
    [InlineData("""{"url":null}""", "url is not a string")]
    [InlineData("""{"url":["http://a/"]}""", "url is not a string")]
    [InlineData("""{"url":"http://a/","method":"POST"}""", "the method \"POST\" is neither GET nor HEAD")]
    [InlineData("""{"url":"http://a/","header":{}}""", "\"header\" is none of url, headers, method, save_as, sha256, id")]
    [InlineData("""{"url":"http://a/","sha256":"12"}""", "sha256 is not 64 hexadecimal digits")]
    [InlineData("""{"url":"http://a/","headers":["A: b"]}""", "headers is not an object")]
    [InlineData("""{"url":"http://a/","headers":{"A":1}}""", "the value of header A is neither a string nor null")]
    [InlineData("""{"url":"http://a/","headers":{"A":{"b":[]}}}""", "the value of header A is neither a string nor null")]
    [InlineData("""{"url":"http://a/","headers":{"A b":"c"}}""", "\"A b\" is no name of a header")]
    [InlineData("""{"url":"http://a/","headers":{"A":"secret\r\nB: c"}}""", "the value of header A has a control character in it")]
    [InlineData("""{"url":"http://a/","save_as":"dir/"}""", "save_as does not end in the name of a file")]
    [InlineData("""{"url":"http://a/","save_as":"a","method":"HEAD"}""", "save_as is of no use with HEAD, whose answer has no body")]
    [InlineData("""{"url":"http://a/","id":true}""", "id is neither a string nor a number")]
    [InlineData("""{"url":"\ud800"}""", "url is not valid Unicode")]
    [InlineData("""{"\ud800":"http://a/"}""", "the line has a name that is not valid Unicode")]
    [InlineData("""{"url":"http://a/","headers":{"\ud800":"b"}}""", "headers is not valid Unicode")]
    public void What_is_wrong_with_a_line_is_said(string line, string problem) => Take(line).Problem.ShouldBe(problem);

    [Fact]
    public void A_wrong_line_keeps_its_URL_and_its_id_wherever_they_stand() =>
        Take("""{"method":"PUT","url":"http://a/","id":"x"}""").ShouldSatisfyAllConditions(
            item => item.Text.ShouldBe("http://a/"),
            item => item.Options!.Id.ShouldBe(new UrlId("x")));

    [Fact]
    public void A_line_without_a_URL_shows_nothing_of_its_secrets() =>
        Take("""{"headers":{"Authorization":"secret"}}""").Text.ShouldBe("");

    private static TakenItem Take(string line)
    {
        using var source = SourceTesting.FromPipe(line + "\n");
        return source.TakeAll().ShouldHaveSingleItem();
    }
}
