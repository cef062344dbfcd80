using System.Buffers;
using System.Security.Cryptography;
using Fetcher.Core.Http;

namespace Fetcher.Core.Saving;

/// <summary>
/// The file that a transfer's body goes to, seen from its loop: what is written is copied and handed to a writer thread, and what the disk
/// has to answer is waited for without blocking. One a slot, used for one body after the other: prepare, begin, write, finish, leave.
/// </summary>
/// <param name="store">What the files of the run share.</param>
/// <param name="wait">Waits for work that runs elsewhere, at most until a moment; false when that passed.</param>
internal sealed class BodyFile(BodyStore store, Func<Task, long, ValueTask<bool>> wait)
{
    private const int SmallestChunk = 16 * 1024;

    private readonly Lock _gate = new();
    private readonly Queue<Work> _work = new();
    private readonly FileOnDisk _disk = new(store);
    private Work? _tail;
    private int _waiting;
    private bool _isScheduled;
    private bool _isTouched;
    private TaskCompletionSource? _drained;
    private volatile FetchException? _error;
    private long _deadline;

    /// <summary>Fields of the request that ask for the rest of an unfinished body, or null.</summary>
    public byte[]? RangeFields { get; private set; }

    /// <summary>Whether what comes is the rest of an unfinished body.</summary>
    public bool IsResumed { get; private set; }

    /// <summary>
    /// The server would not go on with the unfinished body, so it was dropped: the request can be made again, for the whole.
    /// </summary>
    public bool StartsOver { get; private set; }

    /// <summary>Whether the body goes elsewhere, too, so that each attempt has to take it from its beginning.</summary>
    public bool IsReadElsewhere { get; init; }

    /// <summary>Whether the body that comes is to be saved.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>
    /// Whether so much waits for the disk, or the disk failed, that <see cref="DrainAsync"/> comes before the next write.
    /// </summary>
    public bool MustDrain => IsOpen && (_error is not null || Volatile.Read(ref _waiting) is var waiting
        && (waiting >= BodyStore.MostWaiting || (waiting > 0 && store.IsFull)));

    /// <summary>Readies the file for an attempt at a URL.</summary>
    /// <param name="url">The URL of the list.</param>
    /// <param name="item">Its line.</param>
    /// <param name="isFirst">Whether it is the first attempt, so that a name has to be found.</param>
    /// <param name="deadline">When to give up, in nanoseconds of the run's clock.</param>
    /// <returns>The path of the body when it is there already, else null.</returns>
    public async ValueTask<string?> PrepareAsync(HttpUrl url, UrlItem item, bool isFirst, long deadline)
    {
        _deadline = deadline;
        StartsOver = IsResumed = IsOpen = false;
        RangeFields = null;
        _error = null;
        _disk.Begin(url, item, isFirst);
        if (!store.Claims)
        {
            RangeFields = _disk.FindKept();
            return null;
        }

        string? there = null;
        await RunAsync(
            () =>
            {
                there = _disk.IsClaimed ? null : _disk.Claim();
                RangeFields = there is not null ? null : store.Continues ? _disk.FindPart() : _disk.FindKept();
            },
            deadline).ConfigureAwait(false);
        return there;
    }

    /// <summary>Looks at a response's header section and decides what becomes of its body.</summary>
    /// <param name="head">What the server says.</param>
    /// <param name="hash">Takes the part of the body that is there already, or null.</param>
    /// <returns>Bytes of the body that are there already.</returns>
    /// <exception cref="FetchException">The rest cannot be had like this (curl's CURLE_RANGE_ERROR); see
    /// <see cref="StartsOver"/>.</exception>
    public async ValueTask<long> BeginAsync(ResponseHead head, IncrementalHash? hash)
    {
        var wasAsked = RangeFields is not null;
        RangeFields = null;
        if (wasAsked && (head.Status == 416 || (head.Status == 206 && !ContinuesPart(head))))
        {
            StartsOver = true;
            await RunAsync(_disk.DropPart, _deadline).ConfigureAwait(false);
            throw new FetchException(FetchErrorKind.Receive, "the server would not continue the body", 33);
        }

        IsResumed = wasAsked && head.Status == 206;
        if (!IsResumed && !store.Accepts.Contains(head.Status))
        {
            return 0;
        }

        var isDecoded = store.Decodes && head.ContentCodings.Length > 0;
        _disk.Validator = isDecoded || IsReadElsewhere || (head.Status == 206 && !IsResumed) ? null : PartFacts.ValidatorOf(head);
        IsOpen = true;
        if (!IsResumed)
        {
            return 0;
        }

        await RunAsync(() => _disk.OpenPart(hash), _deadline).ConfigureAwait(false);
        return _disk.Length;
    }

    /// <summary>Takes a run of the body; copies it.</summary>
    public void Write(ReadOnlySpan<byte> run)
    {
        if (!IsOpen || run.IsEmpty)
        {
            return;
        }

        lock (_gate)
        {
            if (_tail is { } tail && tail.Buffer!.Length - tail.Length >= run.Length)
            {
                run.CopyTo(tail.Buffer.AsSpan(tail.Length));
                tail.Length += run.Length;
                return;
            }

            _tail = new Work { Buffer = ArrayPool<byte>.Shared.Rent(Math.Max(SmallestChunk, run.Length)), Length = run.Length };
            run.CopyTo(_tail.Buffer);
            _waiting += _tail.Buffer.Length;
            store.CountWaiting(_tail.Buffer.Length);
            Enqueue(_tail);
        }
    }

    /// <summary>Waits until what was written is on its way to the disk's cache.</summary>
    /// <exception cref="FetchException">It could not be written, or not in time.</exception>
    public async ValueTask DrainAsync()
    {
        Task drained;
        lock (_gate)
        {
            drained = _waiting == 0 ? Task.CompletedTask : (_drained ??= NewCompletion()).Task;
        }

        await WaitAsync(drained, _deadline).ConfigureAwait(false);
        if (_error is { } error)
        {
            throw error;
        }
    }

    /// <summary>Gives the whole body its name.</summary>
    /// <returns>The path, or null when no body was to be saved.</returns>
    /// <exception cref="FetchException">It could not be written.</exception>
    public async ValueTask<string?> FinishAsync(string? sha256)
    {
        if (!IsOpen)
        {
            return null;
        }

        string? path = null;
        await RunAsync(
            () =>
            {
                path = _error is { } error ? throw error : _disk.Finish(sha256);
                _disk.Leave();
            },
            _deadline).ConfigureAwait(false);
        IsOpen = _isTouched = false;
        return path;
    }

    /// <summary>Ends the attempt: clears away what was not finished, unless it can be continued.</summary>
    /// <remarks>When the run is being stopped it does not wait; the writer thread does it all the same.</remarks>
    public ValueTask LeaveAsync()
    {
        IsOpen = false;
        return _isTouched ? CleanUpAsync(_disk.Leave) : ValueTask.CompletedTask;
    }

    /// <summary>Ends a URL that failed: no attempt goes on with what the last one left.</summary>
    /// <remarks>As with <see cref="LeaveAsync"/>.</remarks>
    public ValueTask EndAsync() => CleanUpAsync(DropKept);

    private void DropKept()
    {
        try
        {
            _disk.DropKept();
        }
        finally
        {
            _disk.Leave();
        }
    }

    private async ValueTask CleanUpAsync(Action command)
    {
        try
        {
            await RunAsync(command, long.MaxValue).ConfigureAwait(false);
            _isTouched = false;
        }
        catch (OperationCanceledException)
        {
        }
    }

    /// <summary>Does all the work that stands here, on the thread of a writer.</summary>
    internal void RunWork()
    {
        while (Next() is { } work)
        {
            if (work.Buffer is { } buffer)
            {
                WriteToDisk(buffer.AsSpan(0, work.Length));
                ArrayPool<byte>.Shared.Return(buffer);
                Release(buffer.Length);
            }
            else
            {
                work.Run();
            }
        }
    }

    private static TaskCompletionSource NewCompletion() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static bool IsOfDisk(Exception e) => e is FetchException or IOException or UnauthorizedAccessException;

    private static FetchException Failure(Exception e) =>
        e as FetchException ?? new FetchException(FetchErrorKind.Write, $"the body could not be saved: {e.Message.TrimEnd('.')}", 23, e);

    private bool ContinuesPart(ResponseHead head) =>
        ContentRange.TryParse(head.ContentRange, out var first, out var last, out var total)
        && first == _disk.PartLength
        && (total < 0 || last == total - 1)
        && (head.ContentLength < 0 || head.ContentLength == last - first + 1)
        && !(store.Decodes && head.ContentCodings.Length > 0)
        && (head.ETag.IsEmpty || head.ETag[0] != '"' || !_disk.HasETag || PartFacts.ValidatorOf(head) == _disk.Validator);

    private async ValueTask RunAsync(Action command, long deadline)
    {
        var work = new Work { Command = command, Done = NewCompletion() };
        lock (_gate)
        {
            _tail = null;
            Enqueue(work);
        }

        await WaitAsync(work.Done.Task, deadline).ConfigureAwait(false);
        await work.Done.Task.ConfigureAwait(false);
    }

    private async ValueTask WaitAsync(Task work, long deadline)
    {
        if (!await wait(work, deadline).ConfigureAwait(false))
        {
            throw new FetchException(FetchErrorKind.Timeout, "the disk did not take the body in time", 28);
        }
    }

    private void Enqueue(Work work)
    {
        _isTouched = true;
        _work.Enqueue(work);
        if (!_isScheduled)
        {
            _isScheduled = true;
            store.Writers.Schedule(this);
        }
    }

    private Work? Next()
    {
        lock (_gate)
        {
            if (!_work.TryDequeue(out var work))
            {
                _isScheduled = false;
                return null;
            }

            _tail = _tail == work ? null : _tail;
            return work;
        }
    }

    private void WriteToDisk(ReadOnlySpan<byte> run)
    {
        if (_error is not null)
        {
            return;
        }

        try
        {
            _disk.Write(run);
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
