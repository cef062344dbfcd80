using System.Buffers;
using System.Text.Json;

namespace Fetcher.Core.Work.Journals;

/// <summary>
/// Stands around a work and remembers: a URL that the journal has as fetched is completed at once, with its recorded outcome and no attempts, and is not
/// given out; every other outcome is recorded on its way. A thread of its own writes, a batch at a time.
/// </summary>
/// <remarks>
/// What has been reported and not yet been written when the process is killed is fetched again; that is at most
/// <see cref="MillisecondsBetween"/> and one write to the disk.
/// </remarks>
internal sealed class Journal : IWork, IDisposable
{
    private const int MillisecondsBetween = 100;
    private const int BatchSize = 256 * 1024, MostWaiting = 8 << 20;

    /// <summary>Recorded outcomes reported in one go, before the loop gets its turn again.</summary>
    private const int MostAtOnce = 1000;

    private readonly object _gate = new();
    private readonly IWork _work;
    private readonly JournalFile _file;
    private readonly Utf8JsonWriter _json = new(Stream.Null, JsonText.Options);
    private readonly FetchResult _recorded = new();
    private readonly Lock _replay = new();
    private readonly List<Action> _waitForRoom = [];
    private readonly Thread _thread;
    private readonly string _mode;
    private ArrayBufferWriter<byte> _lines = new();
    private ArrayBufferWriter<byte> _writing = new();
    private bool _ended;
    private volatile IOException? _error;

    /// <param name="file">The file; disposed with the journal.</param>
    /// <param name="mode">Whose name the recorded results carry.</param>
    /// <param name="work">What is remembered.</param>
    public Journal(JournalFile file, string mode, IWork work)
    {
        (_file, _mode, _work) = (file, mode, work);
        file.IsInUse = true;
        _thread = new Thread(Write) { Name = "journal", IsBackground = true };
        _thread.Start();
    }

    public long? Total => _work.Total;

    public int MostAhead => _work.MostAhead;

    /// <summary>Why the journal could not be written, or null.</summary>
    public IOException? Error => _error;

    /// <summary>Called once, on the journal's thread, when it cannot be written.</summary>
    public Action? OnError { get; init; }

    public bool HasRoom
    {
        get
        {
            lock (_gate)
            {
                return _work.HasRoom && !IsFull;
            }
        }
    }

    // After an error nothing is written any more, and the run is on its way to its end.
    private bool IsFull => _lines.WrittenCount >= MostWaiting && _error is null;

    public TakeStatus TryTake(UrlItem item)
    {
        // Recorded outcomes must not overtake each other into a full report.
        lock (_replay)
        {
            for (var done = 0; done < MostAtOnce && _work.HasRoom; done++)
            {
                var status = _work.TryTake(item);
                if (status != TakeStatus.Taken || !_file.TryFind(item, _recorded))
                {
                    return status;
                }

                _recorded.Mode = _mode;
                _recorded.Skipped = true;
                _recorded.Id = item.Options?.Id;
                _work.Complete(item, _recorded);
            }
        }

        return TakeStatus.Empty;
    }

    public void NotifyWhenReady(Action ready)
    {
        if (_work.HasRoom)
        {
            _work.NotifyWhenReady(ready);
        }
        else
        {
            _work.NotifyWhenRoom(ready);
        }
    }

    public void Complete(UrlItem item, FetchResult result)
    {
        // What was stopped has no outcome yet.
        if (result.Error?.Kind != FetchErrorKind.Cancelled)
        {
            lock (_gate)
            {
                JournalLine.Write(_json, _lines, result);
                if (_lines.WrittenCount >= BatchSize)
                {
                    Monitor.PulseAll(_gate);
                }
            }
        }

        _work.Complete(item, result);
    }

    public bool TryRelease(UrlItem item) => _work.TryRelease(item);

    public void NotifyWhenRoom(Action ready)
    {
        lock (_gate)
        {
            if (IsFull)
            {
                _waitForRoom.Add(ready);
                return;
            }
        }

        _work.NotifyWhenRoom(ready);
    }

    /// <summary>Writes what is left. No result may come any more.</summary>
    public void End()
    {
        lock (_gate)
        {
            _ended = true;
            Monitor.PulseAll(_gate);
        }

        _thread.Join();
    }

    public void Dispose()
    {
        End();
        _json.Dispose();
        _file.Dispose();
    }

    private void Write()
    {
        while (NextBatch() is { } batch)
        {
            try
            {
                _file.Append(batch.Span);
            }
            catch (Exception e)
            {
                // Whatever it is: a thread of the run's own must not end the process, and without a journal the run must not go on.
                _error = e as IOException ?? new IOException(e.Message, e);
                OnError?.Invoke();
            }

            Action[] waiting;
            lock (_gate)
            {
                waiting = [.. _waitForRoom];
                _waitForRoom.Clear();
            }

            Array.ForEach(waiting, ready => ready());
            if (_error is not null)
            {
                return;
            }
        }
    }

    /// <summary>Waits until there are many lines, or some for a while; null at the end.</summary>
    private ReadOnlyMemory<byte>? NextBatch()
    {
        lock (_gate)
        {
            while (_lines.WrittenCount < BatchSize && !_ended && (Monitor.Wait(_gate, MillisecondsBetween) || _lines.WrittenCount == 0))
            {
            }

            if (_lines.WrittenCount == 0)
            {
                return null;
            }

            (_lines, _writing) = (_writing, _lines);
            _lines.ResetWrittenCount();
            return _writing.WrittenMemory;
        }
    }
}
