using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Threading.Channels;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Fetcher.Tests.Client;

/// <summary>The examples of docs/library.md compile, and do what it says.</summary>
public sealed partial class LibraryDocumentTests
{
    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public void Each_example_is_one_that_is_run_here()
    {
        var compiled = WithoutIndents(File.ReadAllText(Beside("LibraryExamples.cs")));
        var examples = Fence().Matches(File.ReadAllText(Beside("../../docs/library.md"))).Select(match => match.Groups["code"].Value).ToArray();

        examples.Length.ShouldBe(3 + 6);
        foreach (var example in examples)
        {
            compiled.ShouldContain(WithoutIndents(example));
        }
    }

    [Fact]
    public async Task A_list_is_printed_line_by_line()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok("hello")));
        var output = new StringWriter { NewLine = "\n" };

        await LibraryExamples.PrintAsync([server.Url(), "no url"], output, Cancellation);

        output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Order().ShouldBe([$"200 5 {server.Url()}", "bad_url no url"]);
    }

    [Fact]
    public async Task One_page_is_read_as_text()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => path == "/" ? Scripts.Ok("hello") : Scripts.Response("404 Not Found")));

        (await LibraryExamples.ReadOneAsync(server.Url(), Cancellation)).ShouldBe("hello");
        (await LibraryExamples.ReadOneAsync(server.Url("/missing"), Cancellation)).ShouldBe("the server answered 404");
    }

    [Fact]
    public async Task Names_are_read_from_streams_of_JSON()
    {
        await using var server = new ScriptedServer(Scripts.AnswerByPath(path => Scripts.Ok(path == "/torn" ? "{" : $$"""{"name":"{{path}}"}""")));
        var names = new ConcurrentDictionary<string, string>();

        var failed = await LibraryExamples.ReadNamesAsync([server.Url("/a"), server.Url("/b"), server.Url("/torn")], names, Cancellation);

        failed.ShouldBe(1);
        names.Values.Order().ShouldBe(["/a", "/b"]);
    }

    [Fact]
    public async Task Requests_have_fields_methods_and_names_of_their_own()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(request.StartsWith("HEAD", StringComparison.Ordinal)
                    ? "HTTP/1.1 204 No Content\r\n\r\n"
                    : request.Contains("Authorization: Bearer t", StringComparison.Ordinal) ? Scripts.Ok() : Scripts.Response("401 Unauthorized"));
            }
        });

        var statuses = await LibraryExamples.AskTwiceAsync(server.Url(), "t", Cancellation);

        statuses.ShouldBe(new Dictionary<string, int> { ["front page"] = 200, ["is it there"] = 204 }, ignoreOrder: true);
    }

    [Fact]
    public async Task Header_fields_and_stalls_are_printed()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok(fields: "ETag: \"1\"\r\nX-Other: 2\r\n")));
        var output = new StringWriter { NewLine = "\n" };

        await LibraryExamples.PrintHeadersAsync(server.Url(), output, Cancellation);

        output.ToString().Split('\n')[0].ShouldBe("ETag: \"1\"");
        output.ToString().ShouldContain("0 redirects, ");
    }

    [Fact]
    public async Task A_container_has_a_client_and_disposes_it()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        FetchClient client;
        await using (var provider = LibraryExamples.AddTo(new ServiceCollection()).BuildServiceProvider())
        {
            client = provider.GetRequiredService<FetchClient>();
            (await client.FetchAsync(server.Url(), Cancellation)).Ok.ShouldBeTrue();
        }

        await Should.ThrowAsync<ObjectDisposedException>(client.FetchAsync(server.Url(), Cancellation));
    }

    [Fact]
    public async Task An_HttpClient_tells_its_stalls()
    {
        Assert.SkipWhen(Core.Modes.ModeCatalog.Find("io-uring")!.WhyNot(new FetchOptions { Mode = "io-uring" }) is not null, "no io_uring here");
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        var output = new StringWriter { NewLine = "\n" };

        await LibraryExamples.SendAsync(server.Url(), output, Cancellation);

        output.ToString().ShouldStartWith("200 after 00:00:");
    }

    [Fact]
    public async Task A_service_fetches_for_others_until_it_is_stopped()
    {
        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok()));
        await using var fetcher = new FetchClient();
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(Cancellation);
        var queue = Channel.CreateUnbounded<FetchRequest>();
        var answer = new TaskCompletionSource<FetchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var waiting = new ConcurrentDictionary<string, TaskCompletionSource<FetchOutcome>> { ["mine"] = answer };
        var serving = LibraryExamples.ServeAsync(fetcher, queue, waiting, stopping.Token);

        await queue.Writer.WriteAsync(new FetchRequest(server.Url()) { Id = new UrlId("mine") }, Cancellation);
        (await answer.Task.WaitAsync(Cancellation)).Status.ShouldBe(200);

        await stopping.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(serving);
    }

    [GeneratedRegex(@"```csharp\n(?<code>.*?)```", RegexOptions.Singleline)]
    private static partial Regex Fence();

    private static string WithoutIndents(string code) =>
        string.Join('\n', code.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries));

    private static string Beside(string path, [CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, path);
}
