namespace Fetcher.Core.Hosts;

/// <summary>
/// Reads the work ahead of the slots, so that its lines can be sorted by host; up to <see cref="IWork.MostAhead"/> lines wait. When all of them are of
/// hosts that must wait, the rest of the work waits with them. Used under the table's lock.
/// </summary>
/// <param name="work">The work.</param>
/// <param name="take">Takes a line of it, as <see cref="IUrlSource.TryTake"/> does; work that cannot be read any further has ended.</param>
/// <param name="onNews">Called on the thread pool, without the lock, when it is worth trying again after <see cref="AskForNews"/>.</param>
internal sealed class ReadAhead(IWork work, Func<UrlItem, TakeStatus> take, Action onNews)
{
    private readonly Stack<UrlItem> _free = new();
    private bool _isAsked;
    private bool _hasEnded;

    /// <summary>Lines that were read and wait.</summary>
    public int Waiting { get; private set; }

    /// <summary>Whether the list has ended and no line waits.</summary>
    public bool IsDone => _hasEnded && Waiting == 0;

    /// <summary>Reads a line; null when there is none just now or any more, or too many wait already.</summary>
    public UrlItem? TryRead()
    {
        // Without room, lines that wait still go on: a report in the order of the list may be waiting for just these.
        if (Waiting >= work.MostAhead || _hasEnded || _isAsked || !work.HasRoom)
        {
            return null;
        }

        var item = _free.TryPop(out var free) ? free : new UrlItem();
        var status = take(item);
        if (status != TakeStatus.Taken)
        {
            _free.Push(item);
            _hasEnded = status == TakeStatus.End;
            return null;
        }

        Waiting++;
        return item;
    }

    /// <summary>A line goes to a slot, which gives the one that it had for a later line.</summary>
    public void GiveOut(UrlItem inExchange)
    {
        Waiting--;
        _free.Push(inExchange);
    }

    /// <summary>No line waits here any more.</summary>
    public void GiveUp() => Waiting = 0;

    /// <summary>Asks the list, or the reports when they are full, to say when there is news.</summary>
    public void AskForNews()
    {
        if (_isAsked || _hasEnded || Waiting >= work.MostAhead)
        {
            return;
        }

        _isAsked = true;

        // They may call while they hold a lock, or at once: the answer is taken elsewhere.
        Action elsewhere = () => ThreadPool.UnsafeQueueUserWorkItem(static onNews => onNews(), onNews, preferLocal: false);
        if (work.HasRoom)
        {
            work.NotifyWhenReady(elsewhere);
        }
        else
        {
            work.NotifyWhenRoom(elsewhere);
        }
    }

    /// <summary>The news that was asked for has come.</summary>
    public void OnNews() => _isAsked = false;
}
