using System.Net;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Core.Work;

namespace Fetcher.Tests.Testing;

/// <summary>
/// Runs lists of URLs under a mode, in memory. The contract's tests are theories over <see cref="All"/>, so a new mode joins by itself.
/// </summary>
internal static class ModeRun
{
    /// <summary>When a run hangs, its test is to fail and not the whole suite to stand.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The names of all modes.</summary>
    public static TheoryData<string> All => [.. ModeCatalog.All.Select(mode => mode.Name)];

    /// <summary>One transfer at a time and no retries, so that what happens is told by the scripts alone.</summary>
    public static FetchOptions Options { get; } = new() { Concurrency = 1, Retry = 0 };

    public static async Task<Outcome> FetchOneAsync(string mode, string url, FetchOptions? options = null) =>
        (await FetchAsync(mode, options ?? Options, url)).ShouldHaveSingleItem();

    /// <summary>Fetches <paramref name="urls"/> and gives their results in the order of the list.</summary>
    public static async Task<IReadOnlyList<Outcome>> FetchAsync(string mode, FetchOptions options, params IReadOnlyList<string> urls)
    {
        var sink = new MemorySink();
        await RunAsync(mode, options, new MemorySource(urls), sink);
        return [.. sink.Outcomes.OrderBy(outcome => outcome.Index)];
    }

    /// <summary>Runs until every URL has its result.</summary>
    public static Task RunAsync(string mode, FetchOptions options, IUrlSource source, IResultSink sink, CancellationToken stop = default) =>
        RunAsync(mode, options, new ListWork(source, sink), stop);

    /// <inheritdoc cref="RunAsync(string, FetchOptions, IUrlSource, IResultSink, CancellationToken)"/>
    public static Task RunAsync(string mode, FetchOptions options, IWork work, CancellationToken stop = default) =>
        RunAsync(mode, new FetchJob(options, work, stop: stop));

    /// <inheritdoc cref="RunAsync(string, FetchOptions, IUrlSource, IResultSink, CancellationToken)"/>
    public static Task RunAsync(string mode, FetchJob job)
    {
        var chosen = ModeCatalog.Find(mode)!;
        Assert.SkipWhen(chosen.WhyNot(job.Options) is not null, $"{mode}: {chosen.WhyNot(job.Options)}");
        return chosen.RunAsync(job).WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>Fetches one URL with <paramref name="lookUp"/> in place of the system's look-up of names.</summary>
    public static async Task<Outcome> FetchOneAsync(
        string mode, string url, Func<string, Task<IPAddress[]>> lookUp, FetchOptions? options = null, CancellationToken stop = default)
    {
        options ??= Options;
        var sink = new MemorySink();
        var job = new FetchJob(options, new ListWork(new MemorySource([url]), sink), stop: stop)
        {
            Resolver = new Resolver(options, TimeProvider.System, (host, _) => lookUp(host)),
        };
        await ModeCatalog.Find(mode)!.RunAsync(job).WaitAsync(Patience, TestContext.Current.CancellationToken);
        return sink.Outcomes.ShouldHaveSingleItem();
    }

    /// <summary>Waits until <paramref name="condition"/> holds.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            await Task.Delay(1, patience.Token);
        }
    }
}
