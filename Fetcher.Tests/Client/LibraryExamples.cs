using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Threading.Channels;
using Fetcher.Core;
using Fetcher.Extensions;
using Fetcher.Queue.Redis;
using Microsoft.Extensions.DependencyInjection;

namespace Fetcher.Tests.Client;

/// <summary>The examples of docs/library.md, word for word, and what they leave out.</summary>
internal static class LibraryExamples
{
    public static async Task PrintAsync(IEnumerable<string> urls, TextWriter output, CancellationToken cancellationToken)
    {
        var Console = output;
        var options = new FetchOptions { Concurrency = 100, PerHost = 6, Compressed = true };
        await using var fetcher = new FetchClient(options);
        await foreach (var result in fetcher.FetchAllAsync(urls, cancellationToken))
        {
            Console.WriteLine(result.Ok ? $"{result.Status} {result.SizeBody} {result.Url}" : $"{result.Error!.KindName} {result.Url}");
        }
    }

    public static async Task PrintHeadersAsync(string url, TextWriter output, CancellationToken cancellationToken)
    {
        var Console = output;
        await using var fetcher = new FetchClient(new FetchOptions { IncludeHeaders = ["etag", "server"], Stalls = true });
        var page = await fetcher.FetchAsync(url, cancellationToken);
        foreach (var (name, value) in page.Headers!)
        {
            Console.WriteLine($"{name}: {value}");
        }

        Console.WriteLine($"{page.Redirects!.Count} redirects, {page.ClientStall} behind {page.StallBlocker?.Kind ?? "nothing"}");
    }

    public static IServiceCollection AddTo(IServiceCollection services)
    {
        services.AddFetcher(new FetchOptions { Concurrency = 100, PerHost = 6 });
        return services;
    }

    public static async Task SendAsync(string url, TextWriter output, CancellationToken cancellationToken)
    {
        var Console = output;
        using var client = new HttpClient(new FetchMessageHandler(new FetchOptions { Mode = FetchMode.IoUring, Stalls = true }));
        using var request = new HttpRequestMessage(HttpMethod.Get, url);
        using var response = await client.SendAsync(request, cancellationToken);
        request.Options.TryGetValue(FetchMessageHandler.Outcome, out var outcome);
        Console.WriteLine($"{(int)response.StatusCode} after {outcome!.TimeTotal}, of which {outcome.ClientStall} waiting for its loop");
    }

    public static async Task<string> ReadOneAsync(string url, CancellationToken cancellationToken)
    {
        await using var fetcher = new FetchClient();
        var page = await fetcher.FetchAsync(url, cancellationToken);
        var text = page.Ok ? Encoding.UTF8.GetString(page.Body.Span) : page.Error!.Message;
        return text;
    }

    public static async Task<int> ReadNamesAsync(IEnumerable<string> urls, ConcurrentDictionary<string, string> names, CancellationToken cancellationToken)
    {
        var failed = 0;
        await using var fetcher = new FetchClient(new FetchOptions { Compressed = true }, async (body, cancellation) =>
        {
            var document = await JsonDocument.ParseAsync(body.Content, default, cancellation);
            names[body.Url] = document.RootElement.GetProperty("name").GetString()!;
        });
        await foreach (var result in fetcher.FetchAllAsync(urls, cancellationToken))
        {
            failed += result.Ok ? 0 : 1;
        }

        return failed;
    }

    public static async Task<Dictionary<string, int>> AskTwiceAsync(string url, string token, CancellationToken cancellationToken)
    {
        var statuses = new Dictionary<string, int>();
        FetchRequest[] requests =
        [
            new(url) { Id = new UrlId("front page"), Headers = [new("Accept", "text/html"), new("Authorization", "Bearer " + token)] },
            new(url) { Id = new UrlId("is it there"), Method = FetchMethod.Head },
        ];
        await using var fetcher = new FetchClient();
        await foreach (var result in fetcher.FetchAllAsync(requests, cancellationToken))
        {
            statuses[result.Id!.Text] = result.Status;
        }

        return statuses;
    }

    public static async Task ShareAsync(IEnumerable<string> urls, FetchOptions options, TextWriter output, CancellationToken cancellationToken)
    {
        var Console = output;
        await using var queue = await RedisFetchQueue.OpenAsync("redis://queue.example/crawl-7");
        await using var fetcher = new FetchClient(options);
        var working = fetcher.WorkAsync(queue, cancellationToken);
        await foreach (var result in fetcher.FetchAllAsync(urls, queue, cancellationToken))
        {
            Console.WriteLine($"{result.Worker} {result.Status} {result.Url}");
        }

        await working;
    }

    public static async Task ServeAsync(
        FetchClient fetcher,
        Channel<FetchRequest> queue,
        ConcurrentDictionary<string, TaskCompletionSource<FetchOutcome>> waiting,
        CancellationToken stopping)
    {
        await foreach (var result in fetcher.FetchAllAsync(queue.Reader.ReadAllAsync(stopping), stopping))
        {
            waiting[result.Id!.Text].SetResult(result);
        }
    }
}
