using System.Runtime.CompilerServices;
using Fetcher.Core.Client;
using Fetcher.Core.Fetch;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Modes;
using Fetcher.Core.Work;

namespace Fetcher.Core;

/// <summary>
/// Fetches many URLs at once. Each URL ends in exactly one outcome, fetched or failed; a failure is never an exception. Safe for several threads.
/// </summary>
/// <remarks>
/// Each call has event loops, connections and limits of its own, on threads of their own, and ends them with its enumeration. A call that is given an
/// endless sequence, such as the reader of a channel, serves a program for as long as it runs.
/// </remarks>
public sealed class FetchClient : IAsyncDisposable
{
    private readonly FetchOptions _options;
    private readonly BodyReader? _reader;
    private readonly Mode _mode;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _runs = [];

    /// <summary>Makes a client.</summary>
    /// <param name="options">How URLs are fetched; null for the defaults.</param>
    /// <param name="onBody">
    /// Reads the body of each response with an accepted status while it is being received, on the thread pool, for several URLs at once. Its outcome comes
    /// after it has returned. When it throws, its URL fails with <see cref="FetchErrorKind.Write"/>. Null when only outcomes matter.
    /// </param>
    /// <exception cref="ArgumentException">An option has a value that means nothing.</exception>
    /// <exception cref="FetchSetupException">The machine lacks what the mode needs.</exception>
    public FetchClient(FetchOptions? options = null, Func<FetchBody, CancellationToken, ValueTask>? onBody = null)
    {
        _options = options ?? new FetchOptions();
        _reader = onBody is null ? null : new BodyReader(onBody);
        OptionsCheck.ThrowIfWrong(_options, isBodyRead: onBody is not null);
        _mode = ModeCatalog.Find(_options.Mode)!;
        if (_mode.WhyNot(_options) is { } reason)
        {
            throw new FetchSetupException($"the mode {_mode.Name} cannot run: {reason}");
        }
    }

    /// <summary>Fetches one URL, and keeps its body unless the client has a reader of bodies.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="FetchSetupException">A file that the options name is unusable.</exception>
    public async Task<FetchOutcome> FetchAsync(FetchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        var options = _options with { Concurrency = 1, Loops = 1, KeepBodies = _reader is null };
        FetchOutcome? outcome = null;
        await foreach (var only in RunAsync(One(request), options, cancellationToken).ConfigureAwait(false))
        {
            outcome = only;
        }

        return outcome!;
    }

    /// <summary>Fetches URLs, and gives their outcomes in the order in which they end.</summary>
    /// <param name="urls">The URLs. They are asked for as they are needed, and on another thread.</param>
    /// <param name="cancellationToken">Ends the call; what is under way is broken off.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="FetchSetupException">A file that the options name is unusable.</exception>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IEnumerable<string> urls, CancellationToken cancellationToken = default) =>
        FetchAllAsync(urls.Select(url => new FetchRequest(url)), cancellationToken);

    /// <inheritdoc cref="FetchAllAsync(IEnumerable{string}, CancellationToken)"/>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IEnumerable<Uri> urls, CancellationToken cancellationToken = default) =>
        FetchAllAsync(urls.Select(FetchRequest.FromUri), cancellationToken);

    /// <inheritdoc cref="FetchAllAsync(IEnumerable{string}, CancellationToken)"/>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IEnumerable<FetchRequest> urls, CancellationToken cancellationToken = default) =>
        FetchAllAsync(urls.ToAsyncEnumerable(), cancellationToken);

    /// <inheritdoc cref="FetchAllAsync(IEnumerable{string}, CancellationToken)"/>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IAsyncEnumerable<string> urls, CancellationToken cancellationToken = default) =>
        FetchAllAsync(urls.Select(url => new FetchRequest(url)), cancellationToken);

    /// <inheritdoc cref="FetchAllAsync(IEnumerable{string}, CancellationToken)"/>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IAsyncEnumerable<Uri> urls, CancellationToken cancellationToken = default) =>
        FetchAllAsync(urls.Select(FetchRequest.FromUri), cancellationToken);

    /// <inheritdoc cref="FetchAllAsync(IEnumerable{string}, CancellationToken)"/>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IAsyncEnumerable<FetchRequest> urls, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(urls);
        return RunAsync(urls, _options, cancellationToken);
    }

    /// <summary>Breaks off what is under way, and waits until nothing of it runs any more.</summary>
    public async ValueTask DisposeAsync()
    {
        Task[] runs;
        lock (_gate)
        {
            _disposing.Cancel();
            runs = [.. _runs];
        }

        // Whoever reads the outcomes hears of a failure.
        await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static async IAsyncEnumerable<FetchRequest> One(FetchRequest request)
    {
        await Task.CompletedTask.ConfigureAwait(false);
        yield return request;
    }

    private async IAsyncEnumerable<FetchOutcome> RunAsync(
        IAsyncEnumerable<FetchRequest> requests, FetchOptions options, [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);
        var feed = new RequestFeed(requests, options.Concurrency, stop.Token);
        var outcomes = new OutcomeQueue(options.Concurrency);
        var run = Start(options, feed, outcomes, stop.Token);
        try
        {
            await foreach (var outcome in outcomes.ReadAllAsync().ConfigureAwait(false))
            {
                if (stop.IsCancellationRequested)
                {
                    break;
                }

                yield return outcome;
            }

            cancellation.ThrowIfCancellationRequested();
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            await feed.EndAsync().ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await run.ConfigureAwait(false);
            await feed.EndAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Runs to the end, which <paramref name="outcomes"/> is told of, with a failure if there is one.</summary>
    private Task Start(FetchOptions options, RequestFeed feed, OutcomeQueue outcomes, CancellationToken stop)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            var run = Task.Run(() => FetchAsync(options, feed, outcomes, stop), CancellationToken.None);
            _runs.Add(run);
            _ = run.ContinueWith(Forget, TaskScheduler.Default);
            return run;
        }
    }

    private void Forget(Task run)
    {
        lock (_gate)
        {
            _runs.Remove(run);
        }
    }

    private async Task FetchAsync(FetchOptions options, RequestFeed feed, OutcomeQueue outcomes, CancellationToken stop)
    {
        try
        {
            var job = new FetchJob(options, new ListWork(feed, outcomes), stop: stop)
            {
                Targets = _reader is null && !options.KeepBodies ? null : new BodyTargets(_reader, stop),
            };
            await _mode.RunAsync(job).ConfigureAwait(false);
            await job.CloseAsync().ConfigureAwait(false);
            job.SaveCookies();
            outcomes.End(error: null);
        }
        catch (Exception e)
        {
            outcomes.End(e);
        }
    }
}
