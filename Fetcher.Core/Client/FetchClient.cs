using System.Runtime.CompilerServices;
using System.Runtime.ExceptionServices;
using Fetcher.Core.Client;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Runs;
using Fetcher.Core.Work;

namespace Fetcher.Core;

/// <summary>
/// Fetches many URLs at once. Each URL ends in exactly one outcome, fetched or failed; a failure is never an exception. Safe for several threads.
/// </summary>
/// <remarks>
/// All calls of <see cref="FetchAsync"/> share one run: event loops, connections and limits that begin with the first call and last until the client is
/// disposed. Each call of FetchAllAsync has a run of its own, which ends with its enumeration.
/// </remarks>
public sealed partial class FetchClient : IAsyncDisposable, IDisposable
{
    private readonly FetchOptions _options;
    private readonly BodyReader? _reader;
    private readonly CancellationTokenSource _disposing = new();
    private readonly Lock _gate = new();
    private readonly HashSet<Task> _runs = [];
    private readonly List<string> _warnings = [];
    private CallQueue? _calls;
    private Task<RunEnd?>? _serving;

    /// <summary>Fetches what a feed gives; gives what it failed with, or null.</summary>
    private delegate Task<Exception?> FetchAll(RequestFeed feed, OutcomeQueue outcomes, CancellationToken stop);

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
        if (new RunPlan(_options).WhyNot() is { } reason)
        {
            throw new FetchSetupException(reason);
        }
    }

    /// <summary>What is odd about the files that the options name and keeps no run from its beginning, such as lines of a file of cookies that are none: a sentence each.</summary>
    /// <remarks>They are read, and this grows, when a run begins: with the first call of <see cref="FetchAsync"/>, and with each enumeration.</remarks>
    public IReadOnlyList<string> Warnings
    {
        get
        {
            lock (_gate)
            {
                return [.. _warnings];
            }
        }
    }

    /// <summary>Is told of each outcome, of whatever call, on the thread that made it: it must be short, and not throw. Null for nobody.</summary>
    public Action<FetchOutcome>? OnOutcome { get; init; }

    /// <summary>Is told of each of the <see cref="Warnings"/> when it comes, likewise.</summary>
    public Action<string>? OnWarning { get; init; }

    /// <summary>Fetches one URL, and keeps its body unless the client has a reader of bodies. As many calls at once as the concurrency allows; others wait.</summary>
    /// <param name="request">The URL.</param>
    /// <param name="cancellationToken">Cancels this URL alone; its connection is broken off.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="ObjectDisposedException">The client has been disposed, or was before the URL had its outcome.</exception>
    /// <exception cref="FetchSetupException">A file that the options name is unusable.</exception>
    public async Task<FetchOutcome> FetchAsync(FetchRequest request, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(request);
        cancellationToken.ThrowIfCancellationRequested();
        var outcome = Volatile.Read(ref _calls)?.TryAdd(request, cancellationToken) ?? AddToNewRun(request, cancellationToken);
        return await outcome.ConfigureAwait(false);
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
        return RunAsync(
            urls,
            async (feed, outcomes, stop) => (await ToEndAsync(_options, new ListWork(feed, outcomes), _reader, stop).ConfigureAwait(false)).Error,
            cancellationToken);
    }

    /// <summary>Breaks off what is under way, waits until nothing of it runs any more, and writes the cookies where they were asked for.</summary>
    /// <exception cref="IOException">The cookies of <see cref="FetchAsync"/> cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be.</exception>
    public async ValueTask DisposeAsync()
    {
        Task[] runs;
        lock (_gate)
        {
            _calls?.End(new ObjectDisposedException(nameof(FetchClient)));
            _disposing.Cancel();
            runs = [.. _runs];
        }

        // Whoever reads the outcomes hears of a failure.
        await Task.WhenAll(runs).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_serving is not null && await _serving.ConfigureAwait(false) is { CookieError: { } error })
        {
            ExceptionDispatchInfo.Throw(error);
        }
    }

    /// <summary>As <see cref="DisposeAsync"/>, which it waits for: for containers and others that know no other way.</summary>
    /// <exception cref="IOException">The cookies of <see cref="FetchAsync"/> cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">They must not be.</exception>
    public void Dispose() => Task.Run(() => DisposeAsync().AsTask()).GetAwaiter().GetResult();

    /// <summary>Starts the run of <see cref="FetchAsync"/>, if nobody else has meanwhile. One that has failed is followed by another.</summary>
    private Task<FetchOutcome> AddToNewRun(FetchRequest request, CancellationToken cancellation)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            if (_calls?.TryAdd(request, cancellation) is { } outcome)
            {
                return outcome;
            }

            var calls = new CallQueue(OnOutcome);
            outcome = calls.TryAdd(request, cancellation)!;
            _serving = Task.Run(() => ServeAsync(calls), CancellationToken.None);
            Track(_serving);
            Volatile.Write(ref _calls, calls);
            return outcome;
        }
    }

    /// <summary>Serves calls until they end, which they are told when the run fails.</summary>
    private async Task<RunEnd?> ServeAsync(CallQueue calls)
    {
        try
        {
            BodyReader? reader = _reader is null ? null : (body, cancellation) => calls.ReadAsync(_reader, body, cancellation);
            var end = await ToEndAsync(_options with { KeepBodies = reader is null, JournalPath = null }, calls, reader, _disposing.Token).ConfigureAwait(false);
            calls.End(end.Error ?? new ObjectDisposedException(nameof(FetchClient)));
            return end;
        }
        catch (Exception e)
        {
            calls.End(e);
            return null;
        }
    }

    private async IAsyncEnumerable<FetchOutcome> RunAsync(
        IAsyncEnumerable<FetchRequest> requests, FetchAll fetch, [EnumeratorCancellation] CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _disposing.Token);
        var feed = new RequestFeed(requests, _options.Concurrency, stop.Token);
        var outcomes = new OutcomeQueue(_options.Concurrency, OnOutcome);
        var run = Start(fetch, feed, outcomes, stop.Token);
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
    private Task Start(FetchAll fetch, RequestFeed feed, OutcomeQueue outcomes, CancellationToken stop)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            var run = Task.Run(() => ServeAsync(fetch, feed, outcomes, stop), CancellationToken.None);
            Track(run);
            return run;
        }
    }

    private void Track(Task run)
    {
        _runs.Add(run);
        _ = run.ContinueWith(Forget, TaskScheduler.Default);
    }

    private void Forget(Task run)
    {
        lock (_gate)
        {
            _runs.Remove(run);
        }
    }

    private static async Task ServeAsync(FetchAll fetch, RequestFeed feed, OutcomeQueue outcomes, CancellationToken stop)
    {
        try
        {
            outcomes.End(await fetch(feed, outcomes, stop).ConfigureAwait(false));
        }
        catch (Exception e)
        {
            outcomes.End(e);
        }
    }

    private async Task<RunEnd> ToEndAsync(FetchOptions options, IWork work, BodyReader? reader, CancellationToken stop)
    {
        var session = Open(options, work, reader, stop);
        await using (session.ConfigureAwait(false))
        {
            return await session.ToEndAsync().ConfigureAwait(false);
        }
    }

    private FetchSession Open(FetchOptions options, IWork work, BodyReader? reader, CancellationToken stop)
    {
        var session = FetchSession.Open(new RunPlan(options) { Stop = stop, BodyReader = reader }, () => work);
        string[] healed = session.JournalHealed > 0 ? [$"the last line of {options.JournalPath} was torn, {session.JournalHealed} bytes; it was cut off"] : [];
        string[] warnings;
        lock (_gate)
        {
            warnings = [.. session.CookieWarnings.Concat(healed).Except(_warnings)];
            _warnings.AddRange(warnings);
        }

        foreach (var warning in warnings)
        {
            OnWarning?.Invoke(warning);
        }

        return session;
    }
}
