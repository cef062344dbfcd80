using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Fetch;

/// <summary>Slots over a list in memory, whose fetches end when the test says so.</summary>
internal sealed class SlotsRun : IDisposable
{
    private readonly CancellationTokenSource _drain = new();
    private readonly ListOfLines _list = new();

    /// <param name="queues">Whether the work is queued, as on the thread pool.</param>
    /// <param name="most">How many transfers at once.</param>
    /// <param name="options">Further options.</param>
    /// <param name="batches">Whether results wait for the end of a turn.</param>
    public SlotsRun(bool queues, int most, FetchOptions? options = null, bool batches = false)
    {
        Executor = new ManualExecutor(queues);
        Job = new FetchJob((options ?? new FetchOptions()) with { Concurrency = most }, new ListWork(_list, Sink), Executor.TimeProvider, stop: _drain.Token);
        Slots = new Slots(Job, Executor, most, _ => FetchAllAsync, _drain.Token)
        {
            Batch = batches ? ResultBatch.For(Job, blocks: false) : null,
        };
    }

    public ManualExecutor Executor { get; }

    public FetchJob Job { get; }

    public Slots Slots { get; }

    public RoomySink Sink { get; } = new();

    /// <summary>The fetches under way, by the index of their URL.</summary>
    public Dictionary<long, ScriptedFetch> UnderWay { get; } = [];

    /// <summary>The fetches that have been begun, in this order.</summary>
    public List<ScriptedFetch> Begun { get; } = [];

    /// <summary>What a fetch does besides waiting for the test, or null.</summary>
    public Action<ScriptedFetch>? OnBegin { get; set; }

    public Task? Run { get; private set; }

    public static FetchOptions Rate(double milliseconds) => new() { StartInterval = TimeSpan.FromMilliseconds(milliseconds) };

    /// <summary>Begins the run.</summary>
    public SlotsRun Start()
    {
        Run = Slots.RunAsync();
        Executor.RunPosted();
        return this;
    }

    /// <summary>Adds lines to the list.</summary>
    public SlotsRun Add(int lines)
    {
        _list.Add(lines);
        Executor.RunPosted();
        return this;
    }

    /// <summary>Ends the list.</summary>
    public SlotsRun EndList()
    {
        _list.End();
        Executor.RunPosted();
        return this;
    }

    /// <summary>Ends the fetch of a URL.</summary>
    public void Complete(params ReadOnlySpan<long> indices)
    {
        foreach (var index in indices)
        {
            UnderWay[index].Gate.SetResult();
            Executor.RunPosted();
        }
    }

    public void Drain()
    {
        _drain.Cancel();
        Executor.RunPosted();
    }

    public void Dispose() => _drain.Dispose();

    private async LoopTask FetchAllAsync(ISlot slot)
    {
        do
        {
            await FetchAsync(slot.Transfer, await slot.StartAsync().ConfigureAwait(false)).ConfigureAwait(false);
        }
        while (slot.Next());
    }

    private async LoopTask FetchAsync(Transfer transfer, TransferStart start)
    {
        var fetch = new ScriptedFetch(transfer.Item.Index, start.DueAt - Job.StartedAt, start.StartedAt - Job.StartedAt);
        transfer.Result.Reset();
        transfer.Result.Index = fetch.Index;
        Begun.Add(fetch);
        UnderWay.Add(fetch.Index, fetch);
        if (!start.IsToBegin)
        {
            transfer.Result.Error = new FetchError(FetchErrorKind.Cancelled, "stopped", 42);
            fetch.Gate.TrySetResult();
        }

        OnBegin?.Invoke(fetch);
        await fetch.Gate.Task.ConfigureAwait(false);
        UnderWay.Remove(fetch.Index);
    }

    /// <summary>A list to which lines can be added.</summary>
    private sealed class ListOfLines : IUrlSource
    {
        private readonly List<Action> _waiting = [];
        private long _lines;
        private long _taken;
        private bool _hasEnded;

        public long? Total => null;

        public TakeStatus TryTake(UrlItem item)
        {
            if (_taken == _lines)
            {
                return _hasEnded ? TakeStatus.End : TakeStatus.Empty;
            }

            item.Index = _taken++;
            item.Text.Set("http://a.test/"u8);
            return TakeStatus.Taken;
        }

        public void NotifyWhenReady(Action ready)
        {
            if (_taken < _lines || _hasEnded)
            {
                ready();
                return;
            }

            _waiting.Add(ready);
        }

        public void Add(int lines)
        {
            _lines += lines;
            Tell();
        }

        public void End()
        {
            _hasEnded = true;
            Tell();
        }

        private void Tell()
        {
            var waiting = _waiting.ToArray();
            _waiting.Clear();
            Array.ForEach(waiting, ready => ready());
        }
    }
}

/// <summary>One fetch of <see cref="SlotsRun"/>.</summary>
/// <param name="Index">The URL's place in the list.</param>
/// <param name="Due">When it was due, in nanoseconds from the run's start.</param>
/// <param name="Started">When it was begun, likewise.</param>
internal sealed record ScriptedFetch(long Index, long Due, long Started)
{
    /// <summary>Ends it.</summary>
    public TaskCompletionSource Gate { get; } = new();
}

/// <summary>Keeps the indices of results, and can be full or fail.</summary>
internal sealed class RoomySink : IResultSink
{
    private readonly List<Action> _waiting = [];
    private bool _hasRoom = true;

    public List<long> Results { get; } = [];

    public List<long> Cancelled { get; } = [];

    public Exception? Failure { get; set; }

    public bool HasRoom
    {
        get => _hasRoom;
        set
        {
            _hasRoom = value;
            if (value)
            {
                var waiting = _waiting.ToArray();
                _waiting.Clear();
                Array.ForEach(waiting, ready => ready());
            }
        }
    }

    public void Add(FetchResult result)
    {
        if (Failure is not null)
        {
            throw Failure;
        }

        Results.Add(result.Index);
        if (result.Error is { Kind: FetchErrorKind.Cancelled })
        {
            Cancelled.Add(result.Index);
        }
    }

    public void NotifyWhenRoom(Action ready)
    {
        if (_hasRoom)
        {
            ready();
            return;
        }

        _waiting.Add(ready);
    }
}
