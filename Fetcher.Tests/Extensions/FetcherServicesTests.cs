using System.Collections.Concurrent;
using Fetcher.Core;
using Fetcher.Extensions;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Extensions;

/// <summary>A client in a container and in the log.</summary>
public sealed class FetcherServicesTests
{
    private static readonly FetchOptions Options = new() { Retry = 0 };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_container_disposes_it_with_what_is_under_way(bool atOnce)
    {
        await using var server = new ScriptedServer(FallSilent());
        var provider = new ServiceCollection().AddFetcher(Options).BuildServiceProvider();
        var client = provider.GetRequiredService<FetchClient>();
        provider.GetRequiredService<FetchClient>().ShouldBeSameAs(client);
        var call = client.FetchAsync(server.Url(), Cancellation);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        if (atOnce)
        {
            provider.Dispose();
        }
        else
        {
            await provider.DisposeAsync();
        }

        await Should.ThrowAsync<ObjectDisposedException>(call);
        await Should.ThrowAsync<ObjectDisposedException>(client.FetchAsync(server.Url(), Cancellation));
    }

    [Fact]
    public async Task Options_may_be_made_of_other_services()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        await using var provider = new ServiceCollection()
            .AddSingleton("agent/7")
            .AddFetcher(services => Options with { UserAgent = services.GetRequiredService<string>() })
            .BuildServiceProvider();

        (await provider.GetRequiredService<FetchClient>().FetchAsync(server.Url(), Cancellation)).Ok.ShouldBeTrue();

        server.Requests.ShouldHaveSingleItem().ShouldContain("User-Agent: agent/7\r\n");
    }

    [Fact]
    public async Task Outcomes_and_warnings_are_logged_without_secrets()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["cookies"], "no cookie\n", Cancellation);
        await using var server = new ScriptedServer(Answer(Ok("hello")));
        var log = new MemoryLog();
        await using (var client = FetcherLog.NewClient(Options with { CookieFiles = [folder["cookies"]] }, log))
        {
            await client.FetchAsync(server.Url().Replace("://", "://me:hunter2@", StringComparison.Ordinal), Cancellation);
            await foreach (var _ in client.FetchAllAsync(["http://127.0.0.1:1/"], Cancellation))
            {
            }
        }

        log.Lines.Select(line => line.Split(" in ")[0]).ShouldBe(
        [
            $"Warning: {folder["cookies"]}:1: this line is no cookie and was left out",
            $"Debug: Fetched {server.Url()}: 200, 5 bytes",
            "Information: Failed http://127.0.0.1:1/: connect: could not connect to 127.0.0.1 (127.0.0.1) port 1: Connection refused (ECONNREFUSED); 1 attempts",
        ]);
        string.Concat(log.Lines).ShouldNotContain("hunter2");
    }

    private sealed class MemoryLog : ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Lines.Enqueue($"{logLevel}: {formatter(state, exception)}");
    }
}
