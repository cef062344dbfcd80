using Fetcher.Core.Http;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Hosts;

/// <summary>What <see cref="HostScheduler.TryTake"/> found.</summary>
/// <param name="Status">Whether there was a line.</param>
/// <param name="Item">The line, or null.</param>
/// <param name="Due">When to start it, in nanoseconds of the run's clock: a moment that is near, or has passed.</param>
internal readonly record struct HostTurn(TakeStatus Status, UrlItem? Item = null, long Due = 0);

/// <summary>
/// Stands between the list and the slots of all loops when hosts have limits: reads ahead in the list, sorts its lines by host, and gives each free slot
/// a line of the host that has the least under way among those that may be asked. What has to wait waits here and not in a slot.
/// </summary>
/// <remarks>
/// It is off, and costs a branch, until an option asks for it or a host asks for a pause. A host that is slow has its share of the slots and takes
/// more only of what the others leave. Memory is bounded by <see cref="IWork.MostAhead"/>.
/// </remarks>
internal sealed partial class HostScheduler
{
    /// <summary>Lines read at once before one is given out.</summary>
    private const int ReadAtOnce = 256;

    private readonly FetchOptions _options;
    private readonly HostTable _hosts;
    private readonly TimeProvider _clock;
    private readonly ReadAhead _list;
    private readonly WakeUps _wakeUps;
    private readonly SortedSet<HostQueue> _ready = new(HostQueue.ByTurn);
    private readonly Queue<Action> _resting = new();
    private readonly HttpUrl _url = new();
    private volatile bool _isOn;
    private long _starts;
    private Queue<UrlItem>? _left;

    /// <param name="options">The limits.</param>
    /// <param name="hosts">The table of hosts.</param>
    /// <param name="work">What the lines are taken from.</param>
    /// <param name="take">Takes one, as <see cref="IUrlSource.TryTake"/> does; work that cannot be read any further has ended. Called under a lock.</param>
    /// <param name="clock">The run's clock.</param>
    public HostScheduler(FetchOptions options, HostTable hosts, IWork work, Func<UrlItem, TakeStatus> take, TimeProvider clock)
    {
        (_options, _hosts, _clock) = (options, hosts, clock);
        _list = new ReadAhead(work, take, OnNews);
        _wakeUps = new WakeUps(clock, OnTime);
        _isOn = options is { PerHost: > 0 } or { Adaptive: true } || options.StartIntervalPerHost > TimeSpan.Zero;
    }

    /// <summary>Whether lines are taken from here rather than from the list.</summary>
    public bool IsOn => _isOn;

    /// <summary>Takes the line whose turn it is, never waiting.</summary>
    /// <param name="used">The line that the slot had before; it is written over when one is taken.</param>
    /// <param name="place">Gets the place at the line's host; give it back with <see cref="Leave"/>.</param>
    public HostTurn TryTake(UrlItem used, HostPlace place)
    {
        lock (_hosts.Gate)
        {
            var now = Now();
            LookAtTimed(now);
            Read(now);
            if (_ready.Min is not { } host)
            {
                return new HostTurn(_list.IsDone ? TakeStatus.End : TakeStatus.Empty);
            }

            Withdraw(host);
            var item = host.TakeLine();
            _list.GiveOut(used);
            (place.FirstStart, place.SuccessesSeen) = (0, 0);
            var due = host.Start(place, ++_starts, now);
            Place(host, now);
            WakeOthers();
            return new HostTurn(TakeStatus.Taken, item, due);
        }
    }

    /// <summary>Takes any line that waits here, or null: the run is being stopped, and each has to get its result.</summary>
    public UrlItem? TryDrain()
    {
        lock (_hosts.Gate)
        {
            if (_list.Waiting > 0)
            {
                _ready.Clear();
                _left = TakeLines();
                _list.GiveUp();
            }

            return _left is not null && _left.TryDequeue(out var item) ? item : null;
        }
    }

    /// <summary>Asks for one call, on any thread, when it is worth trying to take again.</summary>
    public void NotifyWhenReady(Action ready)
    {
        lock (_hosts.Gate)
        {
            if (_ready.Count == 0 && !_list.IsDone)
            {
                _resting.Enqueue(ready);
                _list.AskForNews();
                return;
            }
        }

        ready();
    }

    /// <summary>Whoever was called, or has given a place back, takes nothing: another is called.</summary>
    public void PassOn()
    {
        if (!_isOn)
        {
            return;
        }

        lock (_hosts.Gate)
        {
            WakeOthers();
        }
    }

    /// <summary>Gives a place back, if there is one. The caller then tries to take again.</summary>
    /// <param name="place">The place.</param>
    /// <param name="wentWell">Whether the transfer has ended, and well.</param>
    public void Leave(HostPlace place, bool wentWell)
    {
        if (place.Queue is not { } host)
        {
            return;
        }

        place.Queue = null;
        lock (_hosts.Gate)
        {
            Withdraw(host);
            host.Leave(wentWell);
            Place(host, Now());
        }
    }

    /// <summary>Asks for a place at a host again, after a pause.</summary>
    /// <param name="place">Whose place was given back.</param>
    /// <param name="origin">The host.</param>
    /// <returns>Completed, on any thread, once there is one. When it is not waited for to the end, <see cref="GiveUp"/>.</returns>
    public Task Return(HostPlace place, ReadOnlySpan<byte> origin)
    {
        lock (_hosts.Gate)
        {
            var host = QueueOf(origin);
            Withdraw(host);
            place.Granted = host.AddReturning(place);
            Place(host, Now());
            return place.Granted.Task;
        }
    }

    /// <summary>Waits no longer for what <see cref="Return"/> gave.</summary>
    public void GiveUp(HostPlace place)
    {
        if (place.Granted is { } granted && !granted.TrySetCanceled())
        {
            Leave(place, wentWell: false);
            PassOn();
        }
    }

    /// <summary>Starts nothing more at a host until it has had the pause that it asked for, and then begins slowly. Switches the scheduler on.</summary>
    /// <param name="place">That of the transfer that was told so.</param>
    /// <param name="origin">The host.</param>
    /// <param name="pause">For how long.</param>
    /// <param name="sentAt">When the host was asked, in nanoseconds of the run's clock.</param>
    /// <returns>Whether the host has served others since it last asked this transfer to wait: then waiting is worth it.</returns>
    public bool Hold(HostPlace place, ReadOnlySpan<byte> origin, TimeSpan pause, long sentAt)
    {
        _isOn = true;
        lock (_hosts.Gate)
        {
            var now = Now();
            var host = QueueOf(origin);
            Withdraw(host);
            host.Hold(pause, sentAt, now, _options.Concurrency);
            Place(host, now);
            var serves = host.Successes > place.SuccessesSeen;
            place.SuccessesSeen = host.Successes;
            return serves;
        }
    }

    /// <summary>The host where <paramref name="place"/> is shows that it is asked too much.</summary>
    /// <param name="place">That of the transfer that has seen it.</param>
    /// <param name="sentAt">When the host was asked, in nanoseconds of the run's clock.</param>
    public void NoteCongestion(HostPlace place, long sentAt)
    {
        lock (_hosts.Gate)
        {
            if (place.Queue is { Limit: { } limit } host)
            {
                var now = Now();
                Withdraw(host);
                limit.OnCongestion(sentAt, now);
                Place(host, now);
            }
        }
    }

    private long Now() => MonotonicClock.Now(_clock);

    private HostQueue QueueOf(ReadOnlySpan<byte> origin)
    {
        var host = _hosts.Get(origin);
        return host.Waiting ??= HostQueue.Of(host.Origin, _options);
    }

    /// <summary>Reads lines and lets each wait for its host: a few, and until there is one whose host may be asked.</summary>
    private void Read(long now)
    {
        for (var read = 0; read < ReadAtOnce || _ready.Count == 0; read++)
        {
            if (_list.TryRead() is not { } item)
            {
                WakeAllAtEnd();
                return;
            }

            var isUrl = item.Problem is null && _url.TryParse(item.Text.Span, out _);
            var host = QueueOf(isUrl ? _url.Origin : default);
            Withdraw(host);
            host.Add(item);
            Place(host, now);
        }
    }

    private Queue<UrlItem> TakeLines()
    {
        var lines = new Queue<UrlItem>();
        foreach (var host in _hosts.All)
        {
            while (host.Waiting is { HasLines: true } waiting)
            {
                lines.Enqueue(waiting.TakeLine());
            }
        }

        return lines;
    }

    private void OnNews()
    {
        lock (_hosts.Gate)
        {
            _list.OnNews();
            if (_resting.TryDequeue(out var ready))
            {
                ready();
            }
        }
    }

    private void OnTime()
    {
        lock (_hosts.Gate)
        {
            _wakeUps.OnTimer();
            LookAtTimed(Now());
            WakeOthers();
        }
    }

    private void LookAtTimed(long now)
    {
        while (_wakeUps.TryNext(now) is { } host)
        {
            Withdraw(host);
            Place(host, now);
        }
    }

    /// <summary>Takes the host out of the order, since what the order goes by is about to change.</summary>
    private void Withdraw(HostQueue host)
    {
        if (host.IsReady)
        {
            _ready.Remove(host);
            host.IsReady = false;
        }
    }

    /// <summary>Lets those go on that wait to, as far as they may, and puts the host where it now belongs.</summary>
    private void Place(HostQueue host, long now)
    {
        while (!host.IsFull && host.OpensAt <= now && host.TryTakeReturning(out var place))
        {
            host.Start(place, ++_starts, now);
        }

        if (!host.HasWork || host.IsFull)
        {
            return;
        }

        if (host.OpensAt > now)
        {
            _wakeUps.Add(host, host.OpensAt, now);
        }
        else
        {
            host.IsReady = _ready.Add(host);
        }
    }

    /// <summary>Calls one of those who rest when there is something to take. Whoever takes calls the next.</summary>
    private void WakeOthers()
    {
        if (_ready.Count > 0 && _resting.TryDequeue(out var ready))
        {
            ready();
        }
        else if (_list.IsDone)
        {
            WakeAllAtEnd();
        }
        else if (_resting.Count > 0)
        {
            _list.AskForNews();
        }
    }

    private void WakeAllAtEnd()
    {
        while (_list.IsDone && _resting.TryDequeue(out var ready))
        {
            ready();
        }
    }
}
