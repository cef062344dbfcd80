using Fetcher.Core;

namespace Fetcher.Tests.Testing;

/// <summary>A list of URLs in memory, COUNT times over, which may stay open like a pipe.</summary>
internal sealed class MemorySource(IReadOnlyList<string> urls, int count = 1, bool staysOpen = false) : IUrlSource
{
    private readonly Lock _gate = new();
    private readonly List<Action> _waiting = [];
    private long _taken;

    /// <summary>What every URL asks for itself.</summary>
    public UrlOptions? Own { get; init; }

    /// <summary>Called when a URL has been taken, before it is fetched.</summary>
    public Action? OnTake { get; init; }

    /// <summary>URLs handed out so far.</summary>
    public long Taken => Interlocked.Read(ref _taken);

    public long? Total => staysOpen ? null : (long)urls.Count * count;

    public TakeStatus TryTake(UrlItem item)
    {
        lock (_gate)
        {
            if (_taken == (long)urls.Count * count)
            {
                return staysOpen ? TakeStatus.Empty : TakeStatus.End;
            }

            item.Text.Set(System.Text.Encoding.UTF8.GetBytes(urls[(int)(_taken % urls.Count)]));
            item.Options = Own;
            item.Origin = "list";
            item.Line = (_taken % urls.Count) + 1;
            item.Problem = null;
            item.Index = _taken++;
            OnTake?.Invoke();
            return TakeStatus.Taken;
        }
    }

    public void NotifyWhenReady(Action ready)
    {
        lock (_gate)
        {
            if (staysOpen)
            {
                _waiting.Add(ready);
                return;
            }
        }

        ready();
    }

    /// <summary>Somebody waits for the next line.</summary>
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

    /// <summary>The pipe is closed: no line comes any more.</summary>
    public void End()
    {
        List<Action> waiting;
        lock (_gate)
        {
            staysOpen = false;
            waiting = [.. _waiting];
            _waiting.Clear();
        }

        waiting.ForEach(ready => ready());
    }
}
