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

    /// <summary>Whether it is to be given up once no batch is in hand.</summary>
    public bool IsGivingUp { get; set; }

    public bool IsLost { get; set; }

    /// <summary>Cancelled when it is lost.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>Breaks off what is under way. Not under the lock.</summary>
    public void BreakOff() => _lost.Cancel();

    public void Dispose() => _lost.Dispose();
}

/// <summary>A batch in this worker's hands. Used under the lock of <see cref="QueueWork"/>.</summary>
internal sealed class HandBatch
{
    private readonly Queue<int> _toDo = new();
    private readonly char[] _ended;
    private readonly bool _isPart;
    private bool _isAbandoned;

    /// <param name="hold">Whose it is.</param>
    /// <param name="taken">The batch.</param>
    /// <param name="only">The place of the one URL of it that is to do, or null for all that have no result.</param>
    public HandBatch(PartitionHold hold, TakenBatch taken, int? only = null)
    {
        (Hold, Id, _isPart) = (hold, taken.Id, only is not null);
        Urls = BatchFormat.Read(taken.Id, taken.Packed);
        _ended = [.. Enumerable.Repeat('0', Urls.Count)];
        for (var url = 0; url < Urls.Count; url++)
        {
            if (only is { } one ? url == one : taken.Done.Length == 0 || taken.Done[url] == '0')
            {
                _toDo.Enqueue(url);
            }
        }
    }

    public PartitionHold Hold { get; }

    public long Id { get; }

    public IReadOnlyList<QueuedUrl> Urls { get; }

    /// <summary>URLs that are handed out still.</summary>
    public int ToDo => _toDo.Count;

    /// <summary>URLs that were handed out and have no result.</summary>
    public int UnderWay { get; private set; }

    /// <summary>Results that are to be committed, as lines.</summary>
    public LineBuffer Results { get; } = new();

    public int Count { get; private set; }

    public int Ok { get; private set; }

    public long Bytes { get; private set; }

    /// <summary>Whether nothing was handed out yet.</summary>
    public bool IsUntouched => UnderWay == 0 && Count == 0;

    /// <summary>The places of the URLs that are to do, in their order.</summary>
    public IReadOnlyList<int> Places => [.. _toDo];

    /// <summary>Set once all of it has ended.</summary>
    public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The commit of what has ended: of the whole batch, or of some.</summary>
    public Commit ToCommit() => new(
        Id, IsDone && !_isPart ? "" : new string(_ended), Count, Ok, Bytes, BatchFormat.Compress(Results.Written));

    public QueuedUrl TakeNext()
    {
        UnderWay++;
        return Urls[_toDo.Dequeue()];
    }

    public void GiveBack(long index)
    {
        UnderWay--;
        _toDo.Enqueue(PlaceOf(index));
    }

    /// <summary>A URL that was handed out ends without a result.</summary>
    public void Abandon()
    {
        UnderWay--;
        _isAbandoned = true;
    }

    /// <summary>A URL that was handed out has its result, which is in <see cref="Results"/>.</summary>
    public void End(FetchResult result)
    {
        UnderWay--;
        _ended[PlaceOf(result.Index)] = '1';
        Count++;
        Ok += result.Ok ? 1 : 0;
        Bytes += result.SizeDownload;
    }

    /// <summary>Whether all that it had to do has its result.</summary>
    public bool IsDone => ToDo == 0 && UnderWay == 0 && !_isAbandoned;

    private int PlaceOf(long index)
    {
        for (var (low, high) = (0, Urls.Count - 1); low <= high;)
        {
            var middle = (low + high) / 2;
            if (Urls[middle].Index == index)
            {
                return middle;
            }

            (low, high) = Urls[middle].Index < index ? (middle + 1, high) : (low, middle - 1);
        }

        throw new ArgumentOutOfRangeException(nameof(index));
    }
}
