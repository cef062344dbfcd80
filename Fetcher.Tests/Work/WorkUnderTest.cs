using System.Text;
using Fetcher.Core;
using Fetcher.Core.Client;
using Fetcher.Core.Interop;
using Fetcher.Core.Work;
using Fetcher.Core.Work.Journals;
using Fetcher.Core.Work.Sources;
using Fetcher.Queue;
using Fetcher.Tests.Fetch;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Work;

/// <summary>One kind of work with some URLs in it, and what came out of it.</summary>
internal sealed class WorkUnderTest : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly List<IDisposable> _open = [];
    private readonly MemorySink _sink;
    private readonly OutcomeQueue? _queue;
    private readonly CallQueue? _calls;
    private readonly MemoryLeaseStore? _store;
    private readonly QueueWork? _shared;
    private readonly Task<FetchOutcome>[] _called = [];

    /// <param name="kind">One of <see cref="Kinds"/>.</param>
    /// <param name="folder">Where its files are.</param>
    /// <param name="count">How many URLs.</param>
    /// <param name="recorded">How many of them a journal has as fetched, where there is one; null for a third.</param>
    /// <param name="room">How many results there is room for.</param>
    public WorkUnderTest(string kind, TempFolder folder, int count, int? recorded = null, int room = 1000)
    {
        Urls = [.. Enumerable.Range(0, count).Select(i => $"http://host/{i}")];
        _sink = new MemorySink { FullAfter = room };
        var text = string.Join('\n', Urls);
        switch (kind)
        {
            case "list":
                Work = new ListWork(Open(folder, text), _sink);
                KnowsTotal = true;
                break;
            case "pipe":
                Work = new ListWork(Add(SourceTesting.FromPipe(text, pieceSize: 100)), _sink);
                break;
            case "journal":
                Recorded = recorded ?? count / 3;
                Record(folder["journal"], Urls[..Recorded]);
                Work = Add(new Journal(Add(new JournalFile(folder["journal"])), "async", new ListWork(Open(folder, text), _sink)));
                KnowsTotal = true;
                break;
            case "queue":
                _store = new MemoryLeaseStore(TimeProvider.System);
                Work = _shared = Share(_store, folder, text);
                break;
            case "sequence":
                _queue = new OutcomeQueue(room);
                Work = new ListWork(new RequestFeed(Urls.Select(url => new FetchRequest(url)).ToAsyncEnumerable(), ahead: 2, CancellationToken.None), _queue);
                break;
            default:
                Work = _calls = new CallQueue();
                _called = [.. Urls.Select(url => _calls.TryAdd(new FetchRequest(url), CancellationToken.None)!)];
                break;
        }
    }

    /// <summary>The implementations.</summary>
    public static string[] Kinds { get; } = ["list", "pipe", "journal", "queue", "sequence", "calls"];

    public IWork Work { get; }

    public string[] Urls { get; }

    /// <summary>How many of them need not be fetched.</summary>
    public int Recorded { get; }

    public bool KnowsTotal { get; }

    /// <summary>Takes the next URL, and waits for it as a loop would; false at the end.</summary>
    public async Task<bool> TakeAsync(UrlItem item)
    {
        TakeStatus status;
        while ((status = Work.TryTake(item)) == TakeStatus.Empty)
        {
            await NewsAsync();
        }

        return status == TakeStatus.Taken;
    }

    /// <summary>Waits for the call that <see cref="IUrlSource.NotifyWhenReady"/> promises.</summary>
    public Task NewsAsync()
    {
        var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Work.NotifyWhenReady(news.SetResult);
        return news.Task.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    /// <summary>No URL comes any more, of a kind that has no end of its own.</summary>
    public void End() => _calls?.End(new InvalidOperationException("it has ended"));

    public async Task MakeRoomAsync()
    {
        _sink.MakeRoom();
        if (_queue is not null)
        {
            await OutcomesAsync(1);
        }
    }

    /// <summary>The URLs of the outcomes that came out.</summary>
    public async Task<IReadOnlyList<string>> OutcomesAsync(int count)
    {
        if (_calls is not null)
        {
            return [.. (await Task.WhenAll(_called)).Select(outcome => outcome.Url)];
        }

        if (_shared is not null)
        {
            await _shared.EndAsync();
            await new Collector(_store!, NoPatience(), _sink).RunAsync(null, [], TestContext.Current.CancellationToken);
        }

        return _queue is null
            ? [.. _sink.Outcomes.Select(outcome => outcome.Url)]
            : [.. await _queue.ReadAllAsync().Take(count).Select(outcome => outcome.Url).ToListAsync(TestContext.Current.CancellationToken)];
    }

    public async ValueTask DisposeAsync()
    {
        End();
        if (_shared is not null)
        {
            await _shared.EndAsync();
            _shared.Dispose();
        }

        _open.Reverse();
        _open.ForEach(disposable => disposable.Dispose());
    }

    private UrlSource Open(TempFolder folder, string text)
    {
        File.WriteAllText(folder["list"], text);
        return Add(UrlSource.Open([folder["list"]]));
    }

    private QueueWork Share(MemoryLeaseStore store, TempFolder folder, string text)
    {
        // Nothing of the store in memory waits.
        var facts = store.CreateAsync(new JobFacts { Version = "1", Partitions = 3, ByUrl = true }).Result;
        new Enqueuer(store, facts, NoPatience()).RunAsync(Open(folder, text), CancellationToken.None).Wait();
        var work = new QueueWork(store, new QueueWorkOptions { Worker = "a", Format = JobFacts.NewestFormat, Concurrency = 4, Clock = TimeProvider.System });
        work.Begin(MonotonicClock.Now(TimeProvider.System));
        return work;
    }

    private static Patience NoPatience() => new(TimeSpan.FromSeconds(1), TimeProvider.System, _ => { });

    private T Add<T>(T disposable)
        where T : IDisposable
    {
        _open.Add(disposable);
        return disposable;
    }

    private static void Record(string path, string[] urls)
    {
        using var file = new JournalFile(path);
        using var journal = new Journal(file, "async", new ListWork(new MemorySource(urls), new MemorySink()));
        var (item, result) = (new UrlItem(), new FetchResult { Status = 200, Attempts = 1 });
        while (journal.TryTake(item) == TakeStatus.Taken)
        {
            result.Index = item.Index;
            result.Url.Set(Encoding.UTF8.GetBytes(item.Text.ToString()));
            journal.Complete(item, result);
        }
    }
}
