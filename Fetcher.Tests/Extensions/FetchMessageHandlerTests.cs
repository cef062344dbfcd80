using System.IO.Compression;
using System.Net;
using Fetcher.Core;
using Fetcher.Extensions;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Extensions;

/// <summary>An HttpClient over our loop, in every mode.</summary>
public sealed class FetchMessageHandlerTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_response_has_status_fields_and_body(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/a"
            ? Response("302 Found", fields: "Location: /b\r\n")
            : Response("404 Not Found", "hello", "Content-Type: text/plain\r\nSet-Cookie: a=b\r\nSet-Cookie: c=d\r\n")));
        using var client = new HttpClient(new FetchMessageHandler(new FetchOptions { Mode = mode, Stalls = true }));
        using var request = new HttpRequestMessage(HttpMethod.Get, server.Url("/a")) { Headers = { { "X-Mine", "1" } } };

        using var response = await client.SendAsync(request, Cancellation);

        response.StatusCode.ShouldBe(HttpStatusCode.NotFound);
        response.Version.ShouldBe(HttpVersion.Version11);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("text/plain");
        response.Headers.GetValues("Set-Cookie").ShouldBe(["a=b", "c=d"]);
        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("hello");
        response.RequestMessage!.RequestUri!.AbsolutePath.ShouldBe("/b");
        server.Requests[0].ShouldContain("X-Mine: 1\r\n");
        request.Options.TryGetValue(FetchMessageHandler.Outcome, out var outcome).ShouldBeTrue();
        (outcome!.NumRedirects, outcome.ClientStall >= TimeSpan.Zero).ShouldBe((1, true));
    }

    [Fact]
    public async Task A_coded_body_is_decoded_and_its_fields_say_nothing_else()
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write("hello"u8);
        }

        await using var server = new ScriptedServer(Answer(Ok(packed.ToArray(), "Content-Encoding: gzip\r\n")));
        using var client = new HttpClient(new FetchMessageHandler(new FetchOptions { Compressed = true }));

        using var response = await client.GetAsync(server.Url(), Cancellation);

        (await response.Content.ReadAsStringAsync(Cancellation)).ShouldBe("hello");
        response.Content.Headers.ContentEncoding.ShouldBeEmpty();
        response.Content.Headers.ContentLength.ShouldBe(5);
    }

    [Fact]
    public async Task A_status_is_no_failure_and_is_not_tried_again()
    {
        await using var server = new ScriptedServer(Answer(Response("503 Busy")));
        using var client = new HttpClient(new FetchMessageHandler());

        (await client.GetAsync(server.Url(), Cancellation)).StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);

        server.Requests.Count.ShouldBe(1);
    }

    [Fact]
    public async Task What_fails_throws_what_HttpClient_throws()
    {
        await using var silent = new ScriptedServer(FallSilent());
        using var client = new HttpClient(new FetchMessageHandler(new FetchOptions { Retry = 0, ReadTimeout = TimeSpan.FromMilliseconds(20) }));

        (await Should.ThrowAsync<HttpRequestException>(client.GetAsync("http://127.0.0.1:1/", Cancellation))).HttpRequestError
            .ShouldBe(HttpRequestError.ConnectionError);
        (await Assert.ThrowsAsync<TaskCanceledException>(() => client.GetAsync(silent.Url(), Cancellation))).InnerException.ShouldBeOfType<TimeoutException>();
        await Should.ThrowAsync<NotSupportedException>(client.PostAsync(silent.Url(), new StringContent("x"), Cancellation));
    }

    [Fact]
    public async Task HEAD_and_a_call_that_waits_work_too()
    {
        await using var server = new ScriptedServer(Answer("HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\n"));
        using var client = new HttpClient(new FetchMessageHandler());

        using var response = client.Send(new HttpRequestMessage(HttpMethod.Head, server.Url()), Cancellation);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        server.Requests.ShouldHaveSingleItem().ShouldStartWith("HEAD ");
    }

    [Fact]
    public async Task A_call_that_is_cancelled_ends_alone()
    {
        await using var server = new ScriptedServer(FallSilent());
        using var client = new HttpClient(new FetchMessageHandler());
        using var cancellation = new CancellationTokenSource();
        var call = client.GetAsync(server.Url(), cancellation.Token);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        await cancellation.CancelAsync();

        await Should.ThrowAsync<TaskCanceledException>(call);
    }
}
