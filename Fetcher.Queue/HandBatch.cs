using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>A partition that this worker owns. Used under the lock of <see cref="QueueWork"/>.</summary>
/// <param name="lease">The lease.</param>
/// <param name="notBefore">When its first URL may begin, in nanoseconds of the worker's clock.</param>
internal sealed class PartitionHold(Lease lease, long notBefore) : IDisposable
{
    private readonly CancellationTokenSource _lost = new();

    public Lease Lease => lease;

    public long NotBefore => notBefore;

    /// <summary>The batch that was taken last, or -1.</summary>
    public long After { get; set; } = -1;

    /// <summary>Batches that were taken and not committed.</summary>
    public HashSet<HandBatch> InHand { get; } = [];

    /// <summary>Whether there was another batch when it was asked for last.</summary>
    public bool HasMore { get; set; } = true;

    /// <summary>When to ask again though there was none, in nanoseconds of the worker's clock.</summary>
    public long AskAgainAt { get; set; }

    /// <summary>Whether it has no URL to hand out.</summary>
    public bool IsBare => InHand.All(batch => batch.ToDo == 0);

    /// <summary>Whether it is still this worker's.</summary>
    public HoldState State { get; set; }

    public bool IsGivingUp => State == HoldState.GivingUp;

    public bool IsLost => State == HoldState.Lost;

    /// <summary>Cancelled when it is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Breaks off what is under way. Not under the lock.</summary>
    public void BreakOff() => _lost.Cancel();

    public void Dispose() => _lost.Dispose();
}

/// <summary>Whether a partition is still a worker's.</summary>
internal enum HoldState
{
    /// <summary>It is.</summary>
    Held,

    /// <summary>It is given up once no batch is in hand.</summary>
    GivingUp,

    /// <summary>It is another worker's, or may be.</summary>
    Lost,
}

/// <summary>A batch in this worker's hands. Used under the lock of <see cref="QueueWork"/>.</summary>
internal sealed class HandBatch
{
    private readonly Queue<int> _toDo;
    private readonly char[] _ended;
    private readonly bool _isPart;
    private bool _isLeft;

    /// <param name="hold">Whose it is.</param>
    /// <param name="taken">The batch.</param>
    /// <param name="urls">Its URLs.</param>
    /// <param name="only">The place of the one URL of it that is to do, or null for all that have no result.</param>
    public HandBatch(PartitionHold hold, TakenBatch taken, List<QueuedUrl> urls, int? only = null)
    {
        (Hold, Id, _isPart) = (hold, taken.Id, only is not null);
        Doubt = only is null ? TakeBounds.Of(taken.Takeovers) : 0;
        Urls = urls;
        _toDo = new Queue<int>(only is null ? urls.Count : 1);
        _ended = new char[urls.Count];
        Array.Fill(_ended, '0');
        for (var url = 0; url < urls.Count; url++)
        {
            if (only is { } one ? url == one : taken.Done.Length == 0 || taken.Done[url] == '0')
            {
                _toDo.Enqueue(url);
            }
        }
    }

    public PartitionHold Hold { get; }

    public long Id { get; }

    /// <inheritdoc cref="TakeBounds.Of"/>
    public int Doubt { get; }

    public List<QueuedUrl> Urls { get; }

    /// <summary>URLs that are handed out still.</summary>
    public int ToDo => _toDo.Count;

    /// <summary>URLs that were handed out and have no result.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Results that are to be committed; null when there are none.</summary>
    public ResultPack? Results { get; set; }

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    public int Ok { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Whether results wait for the others of the batch since it was looked at last.</summary>
    public bool IsSlow { get; set; }

    /// <summary>Whether a commit of it is on its way: the next waits for that.</summary>
    public bool IsCommitting { get; set; }

    /// <summary>The places of the URLs that are to do, in their order.</summary>
    public IReadOnlyList<int> Places => [.. _toDo];

    /// <summary>Set once all of it has ended.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Whether nothing more of it is to come from this worker.</summary>
    public bool IsOver => ToDo == 0 && UnderWay == 0;

    /// <summary>Takes what has ended since the last commit, to be committed: the whole batch, or some of it. The results are not packed yet.</summary>
    public (Commit Commit, ResultPack Results) TakeCommit()
    {
        var isWhole = IsOver && !_isPart && !_isLeft;
        var commit = new Commit(Id, isWhole ? "" : new string(_ended), Count, Ok, Bytes, default);
        var results = Results!;
        Array.Fill(_ended, '0');
        (Results, Count, Ok, Bytes, IsSlow) = (null, 0, 0, 0, false);
        return (commit, results);
    }

    /// <summary>Hands out the next.</summary>
    /// <returns>Its place in the batch.</returns>
    public int TakeNext()
    {
        UnderWay++;
        return _toDo.Dequeue();
    }

    public void GiveBack(int place)
    {
        UnderWay--;
        _toDo.Enqueue(place);
    }

    /// <summary>Leaves to others what was not handed out.</summary>
    public void LeaveRest()
    {
        _isLeft |= ToDo > 0;
        _toDo.Clear();
    }

    /// <summary>A URL that was handed out ends without a result.</summary>
    public void Abandon()
    {
        UnderWay--;
        _isLeft = true;
    }

    /// <summary>A URL that was handed out has its result, which is in <see cref="Results"/>.</summary>
    public void End(int place, FetchResult result)
    {
        UnderWay--;
        _ended[place] = '1';
        Count++;
        Ok += result.Ok ? 1 : 0;
        Bytes += result.SizeDownload;
    }
}
