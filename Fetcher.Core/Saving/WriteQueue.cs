namespace Fetcher.Core.Saving;

/// <summary>
/// What is to be done with one file, in order: bytes to write, and commands. A loop puts it in; writer threads, one at a time, do it. The first failure
/// to write is kept, and drops the bytes behind it.
/// </summary>
/// <remarks>
/// The bytes of a small body wait for the command that ends it: then the writer does all of it at once, knows that it is whole, and the loop wakes nobody
/// in between. Not those of a body that a later run may go on with, which are to be on the disk when this one is killed.
/// </remarks>
/// <param name="store">What the files of the run share.</param>
internal sealed class WriteQueue(BodyStore store)
{
    private const int SmallestChunk = 16 * 1024;

    private readonly Lock _gate = new();
    private List<Work> _due = [];
    private List<Work> _taken = [];
    private byte[]? _tail;
    private int _tailLength;
    private int _waiting;
    private bool _isScheduled;
    private TaskCompletionSource? _drained;
    private volatile FetchException? _error;

    /// <summary>The file; bytes go to it, and commands may use it.</summary>
    public FileOnDisk Disk { get; } = new(store);

    /// <summary>Why bytes could not be written, or null.</summary>
    public FetchException? Error => _error;

    /// <summary>Whether so much waits for the disk, or the disk failed, that <see cref="WhenDrained"/> comes before the next write.</summary>
    public bool MustDrain => _error is not null || (Volatile.Read(ref _waiting) is var waiting
        && (waiting >= BodyStore.MostWaiting || (waiting > 0 && store.IsFull)));

    /// <summary>Forgets the failure of the body before.</summary>
    public void Begin() => _error = null;

    /// <summary>Puts in bytes to write; copies them.</summary>
    public void Write(ReadOnlySpan<byte> run)
    {
        lock (_gate)
        {
            if (_tail is null || _tail.Length - _tailLength < run.Length)
            {
                EndTail();
                _tail = DiskBuffers.Pool.Rent(Math.Max(SmallestChunk, run.Length));
                _waiting += _tail.Length;
                store.CountWaiting(_tail.Length);
            }

            run.CopyTo(_tail.AsSpan(_tailLength));
            _tailLength += run.Length;
            if (store.Continues || _due.Count > 0 || _tailLength >= SmallestChunk)
            {
                Schedule();
            }
        }
    }

    /// <summary>Puts in a command.</summary>
    public void Run(WriteCommand command)
    {
        lock (_gate)
        {
            EndTail();
            _due.Add(new Work(null, 0, command));
            Schedule();
        }
    }

    /// <summary>Completes when no bytes wait to be written.</summary>
    public Task WhenDrained()
    {
        lock (_gate)
        {
            if (_waiting == 0)
            {
                return Task.CompletedTask;
            }

            Schedule();
            return (_drained ??= new TaskCompletionSource()).Task;
        }
    }

    /// <summary>Does all that stands here, on the thread of a writer.</summary>
    public void RunWork()
    {
        for (var written = 0; TryTake(written);)
        {
            written = 0;
            for (var i = 0; i < _taken.Count; i++)
            {
                var (buffer, length, command) = _taken[i];
                if (buffer is not null)
                {
                    WriteToDisk(buffer.AsSpan(0, length), isLast: i + 1 < _taken.Count && _taken[i + 1].Command is { EndsBody: true });
                    DiskBuffers.Pool.Return(buffer);
                    written += buffer.Length;
                }
                else
                {
                    command!.Run();
                }
            }

            _taken.Clear();
        }
    }

    /// <summary>Whether a failure is one of the disk.</summary>
    internal static bool IsOfDisk(Exception e) => e is FetchException or IOException or UnauthorizedAccessException;

    /// <summary>A failure of the disk as that of a transfer.</summary>
    internal static FetchException Failure(Exception e) =>
        e as FetchException ?? Failures.NotSaved.Of(e.Message.TrimEnd('.')).Thrown(e);

    private void EndTail()
    {
        if (_tail is not null)
        {
            _due.Add(new Work(_tail, _tailLength, null));
            (_tail, _tailLength) = (null, 0);
        }
    }

    private void Schedule()
    {
        if (!_isScheduled)
        {
            _isScheduled = true;
            store.Writers.Schedule(this);
        }
    }

    /// <summary>Takes all that there is to do; false when nothing is.</summary>
    /// <param name="written">Bytes of buffers that wait no more.</param>
    private bool TryTake(int written)
    {
        TaskCompletionSource? drained = null;
        bool isAny;
        if (written > 0)
        {
            store.CountWaiting(-written);
        }

        lock (_gate)
        {
            _waiting -= written;
            if (_waiting == 0)
            {
                (drained, _drained) = (_drained, null);
            }

            EndTail();
            (_due, _taken) = (_taken, _due);
            _isScheduled = isAny = _taken.Count > 0;
        }

        // Behind the lock another writer may have taken more already, unless there was something for this one.
        drained?.SetResult();
        return isAny;
    }

    private void WriteToDisk(ReadOnlySpan<byte> run, bool isLast)
    {
        if (_error is not null)
        {
            return;
        }

        try
        {
            Disk.Write(run, isLast);
        }
        catch (Exception e) when (IsOfDisk(e))
        {
            _error = Failure(e);
        }
    }

    /// <summary>Bytes to write, or a command.</summary>
    private readonly record struct Work(byte[]? Buffer, int Length, WriteCommand? Command);
}
