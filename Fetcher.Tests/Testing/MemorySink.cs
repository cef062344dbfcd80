using Fetcher.Core;

namespace Fetcher.Tests.Testing;

/// <summary>Keeps results in memory. It can be full, as an output is whose reader is slow.</summary>
internal sealed class MemorySink : IResultSink
{
    private readonly Lock _gate = new();
    private readonly List<Outcome> _outcomes = [];
    private readonly List<Action> _waiting = [];
    private bool _hasRoom = true;

    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _hasRoom;
            }
        }
    }

    /// <summary>Somebody waits for room.</summary>
    public bool IsWaitedFor
    {
        get
        {
            lock (_gate)
            {
                return _waiting.Count > 0;
            }
        }
    }

    /// <summary>The results so far, in the order of their completion.</summary>
    public IReadOnlyList<Outcome> Outcomes
    {
        get
        {
            lock (_gate)
            {
                return [.. _outcomes];
            }
        }
    }

    /// <summary>After how many results the sink is full; null for never.</summary>
    public int? FullAfter { get; init; }

    /// <summary>Called with each result, where it is handed over.</summary>
    public Action? OnResult { get; init; }

    public void Add(FetchResult result)
    {
        lock (_gate)
        {
            _outcomes.Add(Outcome.From(result));
            _hasRoom &= _outcomes.Count != FullAfter;
        }

        OnResult?.Invoke();
    }

    public void NotifyWhenRoom(Action ready)
    {
        lock (_gate)
        {
            if (!_hasRoom)
            {
                _waiting.Add(ready);
                return;
            }
        }

        ready();
    }

    public void MakeRoom()
    {
        List<Action> waiting;
        lock (_gate)
        {
            _hasRoom = true;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        waiting.ForEach(ready => ready());
    }
}
