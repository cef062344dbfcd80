namespace Fetcher.Core.Loop;

/// <summary>A stretch of time that a thread stood in blocking receive calls on one socket, in nanoseconds of the run's clock.</summary>
internal readonly record struct BlockedSpan(long Start, long End, int LocalPort);

/// <summary>
/// Counts, each thread on its own, the time spent in receive calls on blocking descriptors: time in which the thread served nobody else.
/// Only such calls are measured, so that a loop which never blocks pays nothing.
/// </summary>
internal sealed class BlockedReads
{
    private const int MaxSpansOfThread = 8192;

    /// <summary>Calls on one socket with less than this between them, in nanoseconds, are one stretch.</summary>
    private const long SameStretch = 200_000;

    private static readonly List<BlockedReads> Threads = [];

    [ThreadStatic]
    private static BlockedReads? _current;

    private readonly List<BlockedSpan> _spans = [];
    private long _nanoseconds;

    /// <summary>Whether the stretches are kept, to be drawn. Set before a run.</summary>
    public static bool KeepsSpans { get; set; }

    /// <summary>The counter of this thread.</summary>
    public static BlockedReads Current => _current ?? Register();

    /// <summary>Nanoseconds blocked, summed over all threads, and how many threads ever blocked.</summary>
    public static (long Nanoseconds, int Threads) Totals()
    {
        lock (Threads)
        {
            return (Threads.Sum(thread => thread._nanoseconds), Threads.Count);
        }
    }

    /// <summary>The stretches of all threads. For after the run: the threads do not lock what they write.</summary>
    public static IReadOnlyList<BlockedSpan> Spans()
    {
        lock (Threads)
        {
            return [.. Threads.SelectMany(thread => thread._spans)];
        }
    }

    /// <summary>Counts one call.</summary>
    public void Add(BlockedSpan call)
    {
        _nanoseconds += call.End - call.Start;
        if (!KeepsSpans)
        {
            return;
        }

        if (_spans.Count > 0 && _spans[^1] is var last && last.LocalPort == call.LocalPort && call.Start - last.End < SameStretch)
        {
            _spans[^1] = last with { End = call.End };
        }
        else if (_spans.Count < MaxSpansOfThread)
        {
            _spans.Add(call);
        }
    }

    private static BlockedReads Register()
    {
        var current = new BlockedReads();
        lock (Threads)
        {
            Threads.Add(current);
        }

        return _current = current;
    }
}
