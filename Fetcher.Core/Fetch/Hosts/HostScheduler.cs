using Fetcher.Core.Http;

namespace Fetcher.Core.Fetch.Hosts;

/// <summary>
/// Stands between the list and the slots of all loops when hosts have limits: reads ahead in the list, sorts its lines by host, and gives each free slot
/// a line of the host that has the least under way among those that may be asked. What has to wait waits here and not in a slot.
/// </summary>
/// <remarks>
/// It is off, and costs a branch, until an option asks for it or a host asks for a pause. A host that is slow has its share of the slots and takes
/// more only of what the others leave. Memory is bounded by <see cref="IWork.MostAhead"/>.
/// </remarks>
internal sealed class HostScheduler
{
    /// <summary>Lines read at once before one is given out.</summary>
    private const int ReadAtOnce = 256;

    /// <summary>A slot gets a line of a host with a rate so long before its moment and waits for that by itself, since timers are coarse.</summary>
    private const long EarlyStart = 5_000_000;

    private readonly FetchJob _job;
    private readonly HostTable _hosts;
    private readonly Lock _gate = new();
    private readonly SortedSet<HostState> _ready = new(HostState.ByTurn);
    private readonly WakeUps _wakeUps;
    private readonly Queue<Action> _resting = new();
    private readonly Stack<UrlItem> _freeItems = new();
    private readonly HttpUrl _url = new();
    private volatile bool _isOn;
    private bool _listEnded;
    private bool _listAsked;
    private int _waiting;
    private long _starts;
    private Queue<UrlItem>? _left;

    public HostScheduler(FetchJob job)
    {
        _job = job;
        _hosts = new HostTable(job.Options, Now);
        _wakeUps = new WakeUps(job.Clock, OnTime);
        _isOn = job.Options is { PerHost: > 0 } or { Adaptive: true } || job.Options.StartIntervalPerHost > TimeSpan.Zero;
    }

    /// <summary>Whether lines are taken from here rather than from the list.</summary>
    public bool IsOn => _isOn;

    /// <summary>Takes the line whose turn it is, never waiting.</summary>
    /// <param name="transfer">Gets the line, and the place at its host; give it back with <see cref="Leave"/>.</param>
    /// <param name="due">When to start, in nanoseconds of the run's clock: a moment that is near, or has passed.</param>
    public TakeStatus TryTake(Transfer transfer, out long due)
    {
        lock (_gate)
        {
            var now = due = Now();
            LookAtTimed(now);
            ReadAhead(now);
            if (_ready.Min is not { } host)
            {
                return _listEnded && _waiting == 0 ? TakeStatus.End : TakeStatus.Empty;
            }

            Withdraw(host);
            var item = host.Waiting.Dequeue();
            _waiting--;
            _freeItems.Push(transfer.Replace(item));
            due = Math.Max(now, host.NextStart);
            Start(host, transfer, now);
            Place(host, now);
            WakeOthers();
            return TakeStatus.Taken;
        }
    }

    /// <summary>Takes any line that waits here: the run is being stopped, and each has to get its result.</summary>
    public bool TryDrain(Transfer transfer)
    {
        lock (_gate)
        {
            if (_waiting > 0)
            {
                _ready.Clear();
                _left = _hosts.TakeLines();
                _waiting = 0;
            }

            if (_left is null || !_left.TryDequeue(out var item))
            {
                return false;
            }

            transfer.Replace(item);
            return true;
        }
    }

    /// <summary>Asks for one call, on any thread, when it is worth trying to take again.</summary>
    public void NotifyWhenReady(Action ready)
    {
        lock (_gate)
        {
            if (_ready.Count == 0 && !(_listEnded && _waiting == 0))
            {
                _resting.Enqueue(ready);
                AskList();
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

        lock (_gate)
        {
            WakeOthers();
        }
    }

    /// <summary>Gives a transfer's place at its host back. The caller then tries to take again.</summary>
    public void Leave(Transfer transfer, bool wentWell)
    {
        if (transfer.Host is not { } host)
        {
            return;
        }

        transfer.Host = null;
        lock (_gate)
        {
            Withdraw(host);
            host.UnderWay--;
            if (wentWell)
            {
                host.Successes++;
                host.Limit?.OnSuccess();
            }

            Place(host, Now());
        }
    }

    /// <summary>Asks for a place at the transfer's host again, after a pause.</summary>
    /// <returns>Completed, on any thread, once there is one. When it is not waited for to the end, <see cref="GiveUp"/>.</returns>
    public TaskCompletionSource Return(Transfer transfer)
    {
        var granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            var host = _hosts.Get(transfer.Url.Origin);
            Withdraw(host);
            host.Returning.Enqueue(new ReturningTransfer(transfer, granted), transfer.StartNumber);
            Place(host, Now());
        }

        return granted;
    }

    /// <summary>Waits no longer for what <see cref="Return"/> gave.</summary>
    public void GiveUp(Transfer transfer, TaskCompletionSource granted)
    {
        if (!granted.TrySetCanceled())
        {
            Leave(transfer, wentWell: false);
            PassOn();
        }
    }

    /// <summary>
    /// Starts nothing more at the host that answered last until it has had the pause that it asked for, and then begins slowly. Switches the
    /// scheduler on.
    /// </summary>
    /// <returns>Whether the host has served others since it last asked this transfer to wait: then waiting is worth it.</returns>
    public bool Hold(Transfer transfer, TimeSpan pause)
    {
        _isOn = true;
        lock (_gate)
        {
            var now = Now();
            var host = _hosts.Get(transfer.Current.Origin);
            Withdraw(host);
            host.HeldUntil = Math.Max(host.HeldUntil, now + Nanoseconds.From(pause));
            host.Limit ??= new AdaptiveLimit(_job.Options.Concurrency, _job.Options.Concurrency);
            host.Limit.OnHold(transfer.SentAt, now);
            Place(host, now);
            var serves = host.Successes > transfer.SuccessesSeen;
            transfer.SuccessesSeen = host.Successes;
            return serves;
        }
    }

    /// <summary>The host of the transfer shows that it is asked too much.</summary>
    public void NoteCongestion(Transfer transfer)
    {
        lock (_gate)
        {
            transfer.Host?.Limit?.OnCongestion(transfer.SentAt, Now());
        }
    }

    /// <summary>Until when the host of <paramref name="origin"/> is to be left alone; a moment that may have passed.</summary>
    public long HeldUntil(ReadOnlySpan<byte> origin)
    {
        lock (_gate)
        {
            return _hosts.Find(origin)?.HeldUntil ?? HostState.LongAgo;
        }
    }

    private long Now() => Nanoseconds.Now(_job.Clock);

    private void ReadAhead(long now)
    {
        for (var read = 0; _waiting < _job.Work.MostAhead && !_listEnded && !_listAsked && (read < ReadAtOnce || _ready.Count == 0); read++)
        {
            if (!_job.Work.HasRoom)
            {
                // Lines that wait here still go on: a report in the order of the list may be waiting for just these.
                return;
            }

            var item = _freeItems.TryPop(out var free) ? free : new UrlItem();
            var status = _job.TryTake(item);
            if (status != TakeStatus.Taken)
            {
                _freeItems.Push(item);
                _listEnded = status == TakeStatus.End;
                if (_listEnded)
                {
                    WakeAllAtEnd();
                }

                return;
            }

            _waiting++;
            var isUrl = item.Problem is null && _url.TryParse(item.Text.Span, out _);
            var host = _hosts.Get(isUrl ? _url.Origin : default);
            Withdraw(host);
            host.Waiting.Enqueue(item);
            Place(host, now);
        }
    }

    /// <summary>Asks the list, or the reports when they are full, to say when there is news.</summary>
    private void AskList()
    {
        if (_listAsked || _listEnded || _waiting >= _job.Work.MostAhead)
        {
            return;
        }

        _listAsked = true;

        // They may call while they hold a lock, or at once: the answer is taken elsewhere.
        Action onNews = () => ThreadPool.UnsafeQueueUserWorkItem(static scheduler => scheduler.OnNews(), this, preferLocal: false);
        if (_job.Work.HasRoom)
        {
            _job.Work.NotifyWhenReady(onNews);
        }
        else
        {
            _job.Work.NotifyWhenRoom(onNews);
        }
    }

    private void OnNews()
    {
        lock (_gate)
        {
            _listAsked = false;
            if (_resting.TryDequeue(out var ready))
            {
                ready();
            }
        }
    }

    private void OnTime()
    {
        lock (_gate)
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

    private void Start(HostState host, Transfer transfer, long now)
    {
        host.UnderWay++;
        host.LastStart = ++_starts;
        host.NextStart = Math.Max(now, host.NextStart) + _hosts.IntervalOf(host);
        transfer.Host = host;
        transfer.StartNumber = transfer.StartNumber == 0 ? _starts : transfer.StartNumber;
    }

    /// <summary>Takes the host out of the order, since what the order goes by is about to change.</summary>
    private void Withdraw(HostState host)
    {
        if (host.IsReady)
        {
            _ready.Remove(host);
            host.IsReady = false;
        }
    }

    /// <summary>Lets those go on that wait to, as far as they may, and puts the host where it now belongs.</summary>
    private void Place(HostState host, long now)
    {
        var startsAt = Math.Max(host.HeldUntil, host.NextStart - EarlyStart);
        while (host.Returning.Count > 0 && startsAt <= now && host.UnderWay < _hosts.LimitOf(host) && host.TryNextReturning(out var transfer))
        {
            Start(host, transfer, now);
            startsAt = Math.Max(host.HeldUntil, host.NextStart - EarlyStart);
        }

        if (!host.HasWork || host.UnderWay >= _hosts.LimitOf(host))
        {
            return;
        }

        if (startsAt > now)
        {
            _wakeUps.Add(host, startsAt, now);
        }
        else if (host.Waiting.Count > 0)
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
        else if (_listEnded && _waiting == 0)
        {
            WakeAllAtEnd();
        }
        else if (_resting.Count > 0)
        {
            AskList();
        }
    }

    private void WakeAllAtEnd()
    {
        while (_waiting == 0 && _resting.TryDequeue(out var ready))
        {
            ready();
        }
    }
}
