using System.Text;
using Fetcher.Core;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Journals;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>What an earlier run has recorded of a URL, and what is asked because of it (<c>--revalidate</c>).</summary>
public sealed class EarlierResultTests : IDisposable
{
    private const string Url = "http://a.test/x", Elsewhere = "http://b.test/y";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("\"v1\"", "", "If-None-Match: \"v1\"\r\n")]
    [InlineData("", "Mon, 01 Jan 2024 00:00:00 GMT", "If-Modified-Since: Mon, 01 Jan 2024 00:00:00 GMT\r\n")]
    [InlineData("\"v1\"", "yesterday", "If-None-Match: \"v1\"\r\nIf-Modified-Since: yesterday\r\n")]
    [InlineData("", "", null)]
    public void What_was_recorded_is_asked_for_on_condition(string etag, string lastModified, string? condition)
    {
        using var scene = Scene(etag, lastModified);

        scene.Fetch(Url);

        Conditions(scene.Transport.Requests[0]).ShouldBe(condition ?? "");
    }

    [Fact]
    public void A_response_that_says_that_nothing_changed_keeps_what_was_recorded()
    {
        using var scene = Scene("\"v1\"", "", sha256: "abc", response: "HTTP/1.1 304 Not Modified\r\n\r\n");

        scene.Fetch(Url);

        var result = scene.Result;
        (result.Ok, result.Status, result.Sha256, result.ContentType, result.ETag.ToString()).ShouldBe((true, 304, "abc", "text/old", "\"v1\""));
    }

    [Fact]
    public void What_the_response_says_is_newer()
    {
        using var scene = Scene("\"v1\"", "", sha256: "abc", response: "HTTP/1.1 304 Not Modified\r\nContent-Type: text/new\r\n\r\n");

        scene.Fetch(Url);

        scene.Result.ContentType.ShouldBe("text/new");
    }

    [Fact]
    public void The_condition_goes_only_to_the_URL_that_answered_then()
    {
        using var scene = Scene(
            "\"v1\"", "", answered: Elsewhere, response: $"HTTP/1.1 302 Found\r\nLocation: {Elsewhere}\r\nContent-Length: 0\r\n\r\n");
        scene.Transport.Then(new ScriptedExchange("HTTP/1.1 304 Not Modified\r\n\r\n"));

        scene.Fetch(Url);

        scene.Transport.Requests.Select(Conditions).ShouldBe(["", "If-None-Match: \"v1\"\r\n"]);
        (scene.Result.Ok, scene.Result.Status).ShouldBe((true, 304));
    }

    [Fact]
    public void Another_URL_and_a_HEAD_request_are_asked_for_without_condition()
    {
        using var scene = Scene("\"v1\"", "");
        scene.Transport.Then(ScriptedExchange.Of("200 OK"), ScriptedExchange.Of("200 OK"));

        scene.Fetch(Url);
        scene.Fetch(Elsewhere);
        scene.Fetch(Url, new UrlOptions { Method = FetchMethod.Head });

        scene.Transport.Requests.Select(request => Conditions(request).Length > 0).ShouldBe([true, false, false]);
    }

    private static string Conditions(string request) =>
        string.Concat(request.Split("\r\n").Where(line => line.StartsWith("If-", StringComparison.Ordinal)).Select(line => line + "\r\n"));

    /// <summary>A run after one that has recorded <see cref="Url"/>.</summary>
    private FetchScene Scene(
        string etag, string lastModified, string? sha256 = null, string answered = Url, string response = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    {
        var path = _folder["journal"];
        using (var journal = new Journal(new JournalFile(path), "async", new ListWork(new MemorySource([Url]), new MemorySink())))
        {
            var item = new UrlItem();
            journal.TryTake(item).ShouldBe(TakeStatus.Taken);
            var result = new FetchResult { Status = 200, ContentType = "text/old", Sha256 = sha256, Attempts = 1 };
            result.Url.Set(Encoding.ASCII.GetBytes(Url));
            result.FinalUrl.Set(Encoding.ASCII.GetBytes(answered));
            result.ETag.Set(Encoding.ASCII.GetBytes(etag));
            result.LastModified.Set(Encoding.ASCII.GetBytes(lastModified));
            journal.Complete(item, result);
            journal.End();
        }

        return new FetchScene(new FetchOptions { RevalidatePath = path, JournalPath = path, Retry = 0 }, new ScriptedExchange(response));
    }
}
