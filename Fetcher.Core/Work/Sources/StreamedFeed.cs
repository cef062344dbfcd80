namespace Fetcher.Core.Work.Sources;

/// <summary>
/// A list that is read while it is worked off: a thread of its own does the reads that may wait, a few blocks ahead of who takes them.
/// </summary>
internal sealed class StreamedFeed : ILineFeed
{
    private const int BlocksInFlight = 4;

    private readonly object _gate = new();
    private readonly Queue<LineBlock> _ready = new(BlocksInFlight);
    private readonly Stack<LineBlock> _free = new(BlocksInFlight);
    private readonly IReadOnlyList<UrlInput> _inputs;
    private readonly int? _rounds;
    private readonly string _emptyMessage;
    private List<Action> _parked = [];
    private int _made;
    private bool _ended;
    private volatile bool _stopped;
    private SourceException? _failure;

    /// <summary>Takes over the inputs and starts to read.</summary>
    /// <param name="inputs">The list.</param>
    /// <param name="rounds">How many times it is read; null for no end.</param>
    /// <param name="emptyMessage">The failure when the list turns out to hold nothing.</param>
    public StreamedFeed(IReadOnlyList<UrlInput> inputs, int? rounds, string emptyMessage)
    {
        _inputs = inputs;
        _rounds = rounds;
        _emptyMessage = emptyMessage;

        // In the background: a read that never returns must not keep the process alive.
        new Thread(Run, maxStackSize: 256 * 1024) { Name = "url list", IsBackground = true }.Start();
    }

    public TakeStatus TryNext(out LineBlock? block)
    {
        lock (_gate)
        {
            if (_stopped)
            {
                block = null;
                return TakeStatus.End;
            }

            if (_ready.TryDequeue(out block))
            {
                return TakeStatus.Taken;
            }

            if (_failure is not null)
            {
                throw new SourceException(_failure.Message, _failure);
            }

            return _ended ? TakeStatus.End : TakeStatus.Empty;
        }
    }

    public void Return(LineBlock block)
    {
        lock (_gate)
        {
            _free.Push(block);
            Monitor.Pulse(_gate);
        }
    }

    public bool TryPark(Action ready)
    {
        lock (_gate)
        {
            if (_ready.Count > 0 || _ended || _stopped)
            {
                return false;
            }

            _parked.Add(ready);
            return true;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }

        WakeParked();
    }

    private void Run()
    {
        SourceException? failure = null;
        try
        {
            ReadRounds();
        }
        catch (SourceException e)
        {
            failure = e;
        }

        foreach (var input in _inputs)
        {
            input.Dispose();
        }

        lock (_gate)
        {
            _failure = failure;
            _ended = true;
        }

        WakeParked();
    }

    private void ReadRounds()
    {
        var reader = new ListReader(_inputs);
        for (var round = 0; _rounds is null || round < _rounds; round++)
        {
            var holdsUrl = false;
            while (RentBlock() is { } block)
            {
                if (!reader.Read(block))
                {
                    Return(block);
                    break;
                }

                if (block.MoveNext())
                {
                    holdsUrl = true;
                    block.Round = round;
                    Hand(block);
                }
                else
                {
                    Return(block);
                }
            }

            if (_stopped)
            {
                return;
            }

            if (!holdsUrl)
            {
                throw new SourceException(_emptyMessage);
            }

            reader.Restart();
        }
    }

    /// <summary>A block to fill, as soon as there is one; null when nobody wants it any more.</summary>
    private LineBlock? RentBlock()
    {
        lock (_gate)
        {
            while (!_stopped)
            {
                if (_free.TryPop(out var block))
                {
                    return block;
                }

                if (_made < BlocksInFlight)
                {
                    _made++;
                    return new LineBlock();
                }

                Monitor.Wait(_gate);
            }

            return null;
        }
    }

    private void Hand(LineBlock block)
    {
        lock (_gate)
        {
            _ready.Enqueue(block);
        }

        WakeParked();
    }

    private void WakeParked()
    {
        List<Action> parked;
        lock (_gate)
        {
            if (_parked.Count == 0)
            {
                return;
            }

            parked = _parked;
            _parked = [];
        }

        foreach (var ready in parked)
        {
            ready();
        }
    }
}
