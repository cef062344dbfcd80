using System.Globalization;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Saving.Warc;

/// <summary>
/// The archive of a run (<c>--warc</c>): takes what the loops saw of each exchange, and writes it on a thread of its own. When the disk is
/// full the file is cut back to its last whole record. Safe for several loops.
/// </summary>
internal sealed class WarcFile : IAsyncDisposable
{
    /// <summary>Bytes that may wait for the thread; behind that, transfers stop reading.</summary>
    private const int MostWaiting = 4 << 20;

    /// <summary>What an exchange that waits takes besides its bytes, roughly: most are small, so that these are most of it.</summary>
    private const int CostOfExchange = 2048;

    /// <summary>So many pieces of work are done at once, or what has come in so many milliseconds: to wake the thread costs more than to do one.</summary>
    private const int BatchSize = 64, MillisecondsToGather = 10;

    /// <summary>From so many bytes on records are written to the disk, whole ones as long as they are not larger than that.</summary>
    private const int BytesAtOnce = 64 * 1024;

    private readonly object _gate = new();
    private readonly Queue<Work> _work = new();
    private readonly string _firstPath;
    private readonly TimeProvider _clock;
    private readonly long _maxSize;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _room;
    private FileStream _file;
    private string _path;
    private int _number;
    private readonly List<long> _ends = [];
    private bool _hasExchange;
    private bool _isAsleep;
    private long _waiting;
    private bool _ended;
    private volatile IOException? _error;

    /// <param name="path">The file.</param>
    /// <param name="clock">Tells the time for the records.</param>
    /// <param name="maxSize">Bytes from which on it goes on in another file: with a number before its extension.</param>
    /// <exception cref="FetchSetupException">The file cannot be made, or there is one of that name.</exception>
    public WarcFile(string path, TimeProvider clock, long maxSize = long.MaxValue)
    {
        (_path, _firstPath, _clock, _maxSize) = (path, path, clock, maxSize);
        try
        {
            _file = Create(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException(
                File.Exists(path) ? $"the archive {path} is there already, and every run writes one of its own" : $"the archive {path} cannot be made: {e.Message}", e);
        }

        new Thread(Run) { Name = "warc", IsBackground = true }.Start();
    }

    /// <summary>Why the archive could not be written, or null.</summary>
    public IOException? Error => _error;

    /// <summary>Called once, on the archive's thread, when it cannot be written.</summary>
    public Action? OnError { get; set; }

    /// <summary>Whether <see cref="WhenRoomAsync"/> comes before more is taken.</summary>
    public bool IsFull => Volatile.Read(ref _waiting) >= MostWaiting;

    /// <summary>The time, for the records.</summary>
    public DateTimeOffset Now => _clock.GetUtcNow();

    /// <summary>Completes, on any thread, once less waits.</summary>
    public Task WhenRoomAsync()
    {
        lock (_gate)
        {
            return IsFull ? (_room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task : Task.CompletedTask;
        }
    }

    /// <summary>Adds bytes to the body of an exchange; copies them.</summary>
    public void Append(WarcExchange exchange, ReadOnlySpan<byte> bytes)
    {
        var buffer = DiskBuffers.Pool.Rent(bytes.Length);
        bytes.CopyTo(buffer);
        Enqueue(new Work(exchange, buffer, bytes.Length));
    }

    /// <summary>The exchange is over, and nothing of it changes any more.</summary>
    public void End(WarcExchange exchange) => Enqueue(new Work(exchange, null, CostOfExchange + exchange.Size));

    /// <summary>Writes what is left, and closes the file.</summary>
    public Task CloseAsync()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.Pulse(_gate);
        }

        return _closed.Task;
    }

    public ValueTask DisposeAsync() => new(CloseAsync());

    private void Enqueue(Work work)
    {
        lock (_gate)
        {
            _waiting += work.Length;
            _work.Enqueue(work);
            if (_isAsleep || _work.Count == BatchSize || IsFull)
            {
                Monitor.Pulse(_gate);
            }
        }
    }

    private static FileStream Create(string path) => new(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, bufferSize: 3 * BytesAtOnce);

    private void Run()
    {
        Libc.YieldToOthers();
        WarcRecords? records = null;
        Try(() => records = Begin());
        while ((TryNext() ?? FlushAndWait()) is { } work)
        {
            // An exchange is written when it is over: what it is written to must be open then, and not before.
            if (work.Buffer is null && _hasExchange && _file.Position >= _maxSize)
            {
                Try(() =>
                {
                    records!.Dispose();
                    records = GoOn();
                });
            }

            Try(() => Do(work, records!));
            _hasExchange |= work.Buffer is null;
            Release(work);
        }

        Try(Store);
        records?.Dispose();
        _file.Dispose();
        _closed.SetResult();

        Work? FlushAndWait()
        {
            Try(Flush);
            return Wait();
        }

        void Try(Action write)
        {
            if (_error is not null)
            {
                return;
            }

            try
            {
                write();
                if (_file.Position is var end && (_ends.Count == 0 || _ends[^1] != end))
                {
                    _ends.Add(end);
                }

                if (_ends[^1] - _ends[0] >= BytesAtOnce)
                {
                    Flush();
                }
            }
            catch (Exception e)
            {
                // Whatever it is: a thread of the run's own must not end the process.
                Fail(e as IOException ?? new IOException(e.Message, e));
            }
        }
    }

    /// <summary>Writes what is whole to the disk. Until then the ends of all records since the last time are known, the one before them first.</summary>
    private void Flush()
    {
        _file.Flush();
        _ends.Clear();
        _ends.Add(_file.Position);
    }

    /// <summary>Begins a file: what follows is told first.</summary>
    private WarcRecords Begin()
    {
        var records = new WarcRecords(_file, _firstPath.EndsWith(".gz", StringComparison.OrdinalIgnoreCase));
        records.WriteInfo(Path.GetFileName(_path), Now);
        return records;
    }

    /// <summary>Goes on in the next file.</summary>
    /// <exception cref="IOException">It cannot be made, or there is one of that name.</exception>
    private WarcRecords GoOn()
    {
        Store();
        _file.Dispose();
        _ends.Clear();
        _path = PathOf(_firstPath, ++_number);
        _hasExchange = false;
        _file = Create(_path);
        return Begin();
    }

    private void Store()
    {
        _file.Flush();
        DiskFlush.Flush(_file.SafeFileHandle);
    }

    /// <summary>The name of a further file: <c>pages-00001.warc.gz</c> behind <c>pages.warc.gz</c>.</summary>
    private static string PathOf(string path, int number)
    {
        var name = Path.GetFileName(path);
        var end = name.LastIndexOf(".warc", StringComparison.OrdinalIgnoreCase) is var warc and > 0 ? warc : name.Length - Path.GetExtension(name).Length;
        return Path.Combine(Path.GetDirectoryName(path) ?? "", string.Create(CultureInfo.InvariantCulture, $"{name[..end]}-{number:D5}{name[end..]}"));
    }

    private static void Do(Work work, WarcRecords records)
    {
        if (work.Buffer is not null)
        {
            work.Exchange.Append(work.Buffer.AsSpan(0, work.Length));
        }
        else
        {
            records.Write(work.Exchange);
        }
    }

    private void Fail(IOException error)
    {
        _error = error;
        OnError?.Invoke();

        // What the stream still holds must not be written behind the cut: the cut is made with a handle of its own, when the stream is gone.
        try
        {
            _file.Dispose();
        }
        catch (IOException)
        {
            // It is the same failure again.
        }

        try
        {
            using var handle = File.OpenHandle(_path, FileMode.Open, FileAccess.Write);
            var length = RandomAccess.GetLength(handle);
            RandomAccess.SetLength(handle, _ends.LastOrDefault(end => end <= length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It is gone, or the disk is: there is nothing to cut.
        }
    }

    private Work? TryNext()
    {
        lock (_gate)
        {
            return _work.TryDequeue(out var work) ? work : null;
        }
    }

    /// <summary>Waits for work, and when there is some, a little for more; null at the end.</summary>
    private Work? Wait()
    {
        lock (_gate)
        {
            _isAsleep = true;
            while (_work.Count == 0 && !_ended)
            {
                Monitor.Wait(_gate);
            }

            _isAsleep = false;
            if (_work.Count < BatchSize && !IsFull && !_ended)
            {
                Monitor.Wait(_gate, MillisecondsToGather);
            }
        }

        return TryNext();
    }

    private void Release(Work work)
    {
        if (work.Buffer is null)
        {
            work.Exchange.Dispose();
        }
        else
        {
            DiskBuffers.Pool.Return(work.Buffer);
        }

        TaskCompletionSource? room = null;
        lock (_gate)
        {
            _waiting -= work.Length;
            if (!IsFull)
            {
                (room, _room) = (_room, null);
            }
        }

        room?.SetResult();
    }

    /// <summary>Bytes for the body of an exchange, or without any its end; with what counts of it as waiting.</summary>
    private readonly record struct Work(WarcExchange Exchange, byte[]? Buffer, int Length);
}
