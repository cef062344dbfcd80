using System.Buffers;

namespace Fetcher.Core.Reports;

/// <summary>
/// Takes bytes from a loop's thread without ever blocking it, and writes them to a stream on a thread of its own, which starts with the
/// first byte and sleeps while there is nothing to write. One thread at a time may write into it.
/// </summary>
/// <remarks>
/// Bytes go into 128 KiB blocks. A full block is written at once, a part of a block after the flush interval, so that a reader at the
/// other end of a pipe sees a line soon after it was written, and a busy run still makes few system calls and wakes the writing thread
/// once a block. That reads what has been committed of the current block while it is being filled: committed bytes never change, so no
/// lock is taken for a line.
/// A write error (disk full, broken pipe) is kept, reported once, and drops all later bytes.
/// </remarks>
internal sealed class ReportOutput : IBufferWriter<byte>, IAsyncDisposable
{
    private const int BlockSize = 128 * 1024;
    private const int DefaultMaxWaiting = 32 * BlockSize;

    private static readonly TimeSpan DefaultFlushInterval = TimeSpan.FromMilliseconds(80);

    private readonly Stream _stream;
    private readonly bool _leaveOpen;
    private readonly long _maxWaiting;
    private readonly TimeSpan _flushInterval;
    private readonly AutoResetEvent _wake = new(initialState: false);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private readonly ReportBlock.Spares _spare = new();
    private readonly Lock _roomLock = new();
    private List<Action>? _roomWaiters;

    private Thread? _thread;
    private ReportBlock? _filling;
    private ReportBlock? _writing;
    private long _waiting;
    private volatile Exception? _error;
    private volatile bool _writerWoken;
    private volatile bool _completed;

    /// <param name="stream">Where the bytes go; written on the output's own thread only, and flushed after each burst.</param>
    /// <param name="leaveOpen">Whether <see cref="DisposeAsync"/> leaves <paramref name="stream"/> open.</param>
    /// <param name="maxWaiting">Bytes of full blocks that may wait before <see cref="HasRoom"/> turns false; 4 MiB unless given.</param>
    /// <param name="flushInterval">Longest time a committed byte waits for its block to fill; 80 ms unless given.</param>
    public ReportOutput(Stream stream, bool leaveOpen = false, long maxWaiting = DefaultMaxWaiting, TimeSpan? flushInterval = null)
    {
        _stream = stream;
        _leaveOpen = leaveOpen;
        _maxWaiting = maxWaiting;
        _flushInterval = flushInterval ?? DefaultFlushInterval;
    }

    /// <summary>Called once, on the writing thread, with the first write error.</summary>
    public Action<Exception>? OnError { get; init; }

    /// <summary>The first write error, or null.</summary>
    public Exception? Error => _error;

    /// <summary>
    /// Whether more should be written now. Writing without room is possible, so that the results of transfers already under way are not
    /// lost; memory is bounded when no new transfer is started meanwhile.
    /// </summary>
    public bool HasRoom => _error is not null || Volatile.Read(ref _waiting) < _maxWaiting;

    /// <summary>
    /// Calls <paramref name="ready"/> once, when there is room: at once, on this thread, or later, on the writing thread. It must be
    /// short.
    /// </summary>
    public void NotifyWhenRoom(Action ready)
    {
        lock (_roomLock)
        {
            if (!HasRoom)
            {
                (_roomWaiters ??= []).Add(ready);
                return;
            }
        }

        ready();
    }

    /// <summary>
    /// Completes when there is room. It may go on on another thread: an event loop uses <see cref="NotifyWhenRoom"/> and its own wake-up.
    /// </summary>
    public ValueTask WaitForRoomAsync()
    {
        if (HasRoom)
        {
            return default;
        }

        var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        NotifyWhenRoom(room.SetResult);
        return new ValueTask(room.Task);
    }

    /// <inheritdoc/>
    public void Advance(int count)
    {
        _filling!.Commit(count);

        // The commit must be visible before the flag is read, as the writer clears the flag before it looks for bytes.
        Interlocked.MemoryBarrier();
        if (!_writerWoken)
        {
            WakeWriter();
        }
    }

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0) => BlockWithRoomFor(sizeHint).Free;

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => BlockWithRoomFor(sizeHint).Free.Span;

    /// <summary>
    /// Writes everything that is left and ends the thread. Nothing may be written any more when it is called. A write error does not
    /// throw.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!_completed)
        {
            _completed = true;
            if (_thread is null)
            {
                CloseStream();
            }
            else
            {
                _wake.Set();
            }
        }

        await _finished.Task.ConfigureAwait(false);

        // Not by the writing thread: it may see the flag, and end, before the wake-up above is done.
        _wake.Dispose();
    }

    private ReportBlock BlockWithRoomFor(int sizeHint)
    {
        var needed = Math.Max(1, sizeHint);
        var block = _filling;
        if (block is not null && block.Free.Length >= needed)
        {
            return block;
        }

        var next = TakeBlock(needed);
        if (block is null)
        {
            _writing = next;
        }
        else
        {
            Interlocked.Add(ref _waiting, block.Size);
            block.SealWith(next);
            _wake.Set();
        }

        return _filling = next;
    }

    private ReportBlock TakeBlock(int size) =>
        size > BlockSize ? new ReportBlock(size) : _spare.TryTake() ?? new ReportBlock(BlockSize);

    private void WakeWriter()
    {
        _writerWoken = true;
        if (_thread is null && !TryStartThread())
        {
            // Better a loop that waits for the disk than a report that is lost.
            _writerWoken = false;
            Drain(all: true);
            return;
        }

        _wake.Set();
    }

    /// <summary>Starts the writing thread; false when none can be had (pthread_create(3), EAGAIN).</summary>
    private bool TryStartThread()
    {
        try
        {
            var thread = new Thread(WriteBlocks) { IsBackground = true, Name = "report" };
            thread.Start();
            _thread = thread;
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>The writing thread: writes full blocks when it is woken, a part of one after the interval, and sleeps once nothing came in one.</summary>
    private void WriteBlocks()
    {
        var wait = _flushInterval;
        bool last;
        do
        {
            var isWoken = _wake.WaitOne(wait);
            wait = _flushInterval;
            last = _completed;
            if (!Drain(all: last || !isWoken) && !isWoken && !last)
            {
                wait = Timeout.InfiniteTimeSpan;
                _writerWoken = false;
                Interlocked.MemoryBarrier();
                if (Drain(all: true))
                {
                    (wait, _writerWoken) = (_flushInterval, true);
                }
            }
        }
        while (!last);

        CloseStream();
    }

    /// <summary>Writes full blocks.</summary>
    /// <param name="all">Whether to write what has been committed of the last one, too.</param>
    /// <returns>Whether there was anything to write.</returns>
    private bool Drain(bool all)
    {
        var hasWritten = false;
        for (var block = _writing!; ; block = _writing)
        {
            // In this order: what is committed before the seal is read with it.
            var next = block.Next;
            if (next is null && !all)
            {
                break;
            }

            var bytes = block.TakeCommitted();
            hasWritten |= !bytes.IsEmpty;
            Write(bytes.Span);
            if (next is null)
            {
                break;
            }

            _writing = next;
            Recycle(block);
        }

        if (hasWritten)
        {
            Try(_stream.Flush);
        }

        return hasWritten;
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || _error is not null)
        {
            return;
        }

        try
        {
            _stream.Write(bytes);
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Try(Action action)
    {
        if (_error is not null)
        {
            return;
        }

        try
        {
            action();
        }
        catch (Exception e)
        {
            Fail(e);
        }
    }

    private void Fail(Exception error)
    {
        _error = error;
        OnError?.Invoke(error);
        NotifyRoom();
    }

    private void Recycle(ReportBlock block)
    {
        if (block.Size == BlockSize)
        {
            _spare.Give(block);
        }

        if (Interlocked.Add(ref _waiting, -block.Size) <= _maxWaiting / 2)
        {
            NotifyRoom();
        }
    }

    private void NotifyRoom()
    {
        List<Action>? waiters;
        lock (_roomLock)
        {
            waiters = _roomWaiters;
            _roomWaiters = null;
        }

        waiters?.ForEach(ready => ready());
    }

    private void CloseStream()
    {
        if (!_leaveOpen)
        {
            Try(_stream.Dispose);
        }

        _finished.SetResult();
    }
}
