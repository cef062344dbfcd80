using System.Buffers;

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
    private readonly Queue<Work> _work = new();
    private Work? _tail;
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
            if (_tail is { } tail && tail.Buffer!.Length - tail.Length >= run.Length)
            {
                run.CopyTo(tail.Buffer.AsSpan(tail.Length));
                tail.Length += run.Length;
                if (tail.Length >= SmallestChunk)
                {
                    Schedule();
                }

                return;
            }

            _tail = new Work { Buffer = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestChunk, run.Length)), Length = run.Length };
            run.CopyTo(_tail.Buffer);
            _waiting += _tail.Buffer.Length;
            store.CountWaiting(_tail.Buffer.Length);
            Enqueue(_tail, isUrgent: store.Continues || _work.Count > 0 || run.Length >= SmallestChunk);
        }
    }

    /// <summary>Puts in a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="endsBody">Whether it comes behind the last byte of the body.</param>
    /// <returns>Its end, on a writer's thread; a failure of the disk is a <see cref="FetchException"/>.</returns>
    public Task Run(Action command, bool endsBody = false)
    {
        var work = new Work { Command = command, Done = new TaskCompletionSource(), EndsBody = endsBody };
        lock (_gate)
        {
            _tail = null;
            Enqueue(work, isUrgent: true);
        }

        return work.Done.Task;
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
        while (Next(out var isLast) is { } work)
        {
            if (work.Buffer is { } buffer)
            {
                WriteToDisk(buffer.AsSpan(0, work.Length), isLast);
                ArrayPool<byte>.Shared.Return(buffer);
                Release(buffer.Length);
            }
            else
            {
                work.Run();
            }
        }
    }

    private static bool IsOfDisk(Exception e) => e is FetchException or IOException or UnauthorizedAccessException;

    private static FetchException Failure(Exception e) =>
        e as FetchException ?? Failures.NotSaved.Of(e.Message.TrimEnd('.')).Thrown(e);

    private void Enqueue(Work work, bool isUrgent)
    {
        _work.Enqueue(work);
        if (isUrgent)
        {
            Schedule();
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

    private Work? Next(out bool isLast)
    {
        lock (_gate)
        {
            isLast = false;
            if (!_work.TryDequeue(out var work))
            {
                _isScheduled = false;
                return null;
            }

            isLast = _work.TryPeek(out var next) && next.EndsBody;
            _tail = _tail == work ? null : _tail;
            return work;
        }
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

    private void Release(int size)
    {
        store.CountWaiting(-size);
        TaskCompletionSource? drained = null;
        lock (_gate)
        {
            _waiting -= size;
            if (_waiting == 0)
            {
                (drained, _drained) = (_drained, null);
            }
        }

        drained?.SetResult();
    }

    /// <summary>Bytes to write, or a command.</summary>
    private sealed class Work
    {
        public byte[]? Buffer { get; init; }

        public int Length { get; set; }

        public Action? Command { get; init; }

        public TaskCompletionSource? Done { get; init; }

        public bool EndsBody { get; init; }

        public void Run()
        {
            try
            {
                Command!();
                Done!.SetResult();
            }
            catch (Exception e)
            {
                // It is thrown again where the loop waits for it.
                Done!.SetException(IsOfDisk(e) ? Failure(e) : e);
            }
        }
    }
}
