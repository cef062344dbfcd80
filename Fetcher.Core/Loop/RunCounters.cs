using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// What one run counts over all its threads: system calls, the time its loops stood in blocking receive calls, and streams of HTTP/2. Each thread counts by
/// itself, without a lock; the sums are made when somebody asks. Nothing of it outlives the run.
/// </summary>
internal sealed class RunCounters
{
    private readonly Lock _gate = new();
    private readonly List<SyscallCounters> _threads = [];
    private readonly List<BlockedReads> _loops = [];
    private readonly List<StreamCounters> _streams = [];
    private readonly SyscallCounters _ended = new();

    /// <summary>Whether the periods in blocking calls are kept one by one, to be drawn. Set before the run.</summary>
    public bool KeepsBlockedSpans { get; set; }

    /// <summary>The system calls that the run has made so far.</summary>
    public SyscallCounters Syscalls
    {
        get
        {
            var sum = new SyscallCounters();
            lock (_gate)
            {
                sum.Add(_ended);
                _threads.ForEach(sum.Add);
            }

            return sum;
        }
    }

    /// <summary>How long the run's loops stood in blocking receive calls, summed up over them in nanoseconds, and how many loops ever did.</summary>
    public (long Nanoseconds, int Loops) Blocked
    {
        get
        {
            lock (_gate)
            {
                return (_loops.Sum(loop => loop.Nanoseconds), _loops.Count(loop => loop.HasBlocked));
            }
        }
    }

    /// <summary>The periods of all loops, once these have ended.</summary>
    public IReadOnlyList<BlockedSpan> BlockedSpans
    {
        get
        {
            lock (_gate)
            {
                return [.. _loops.SelectMany(loop => loop.Spans)];
            }
        }
    }

    /// <summary>What the run's loops counted of HTTP/2, once they have ended.</summary>
    public StreamCounters Streams
    {
        get
        {
            var sum = new StreamCounters();
            lock (_gate)
            {
                _streams.ForEach(sum.Add);
            }

            return sum;
        }
    }

    /// <summary>Counts the system calls of the calling thread for this run, until the same thread disposes of what it gets.</summary>
    public IDisposable CountThisThread()
    {
        var counters = new SyscallCounters();
        lock (_gate)
        {
            _threads.Add(counters);
        }

        SyscallCounters.Install(counters);
        return new Counting(this, counters);
    }

    /// <summary>Where one more loop of the run counts its time in blocking calls.</summary>
    public BlockedReads NewBlockedReads()
    {
        var blocked = new BlockedReads(KeepsBlockedSpans);
        lock (_gate)
        {
            _loops.Add(blocked);
        }

        return blocked;
    }

    /// <summary>Where one more loop of the run counts what it has of HTTP/2.</summary>
    public StreamCounters NewStreams()
    {
        var streams = new StreamCounters();
        lock (_gate)
        {
            _streams.Add(streams);
        }

        return streams;
    }

    private void End(SyscallCounters counters)
    {
        SyscallCounters.Install(null);
        lock (_gate)
        {
            _threads.Remove(counters);
            _ended.Add(counters);
        }
    }

    private sealed class Counting(RunCounters run, SyscallCounters counters) : IDisposable
    {
        public void Dispose() => run.End(counters);
    }
}
