using System.Diagnostics;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Saving;

/// <summary>
/// A few threads that write bodies, so that no event loop stands in a disk's way. They start when there is work and end when there has been
/// none for a while. A file is at one thread at a time. As long as one thread keeps up the others sleep: to wake a thread costs as much as to write a
/// small body.
/// </summary>
internal sealed class WriterThreads
{
    private const int MostThreads = 4;
    private const int MillisecondsIdle = 1000;

    /// <summary>A file that has waited for so long has the next thread woken: the disk is slow.</summary>
    public static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly Queue<(WriteQueue Queue, long Since)> _due = new();
    private int _threads;
    private int _asleep;
    private int _toWake;
    private int _unfinished;

    /// <summary>Whether everything that was scheduled has been done.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_gate)
            {
                return _unfinished == 0;
            }
        }
    }

    /// <summary>Has a thread call <see cref="WriteQueue.RunWork"/>.</summary>
    public void Schedule(WriteQueue queue)
    {
        lock (_gate)
        {
            _unfinished++;
            _due.Enqueue((queue, Stopwatch.GetTimestamp()));
            WakeAsNeeded();
        }
    }

    private void WakeAsNeeded()
    {
        var sleeping = _asleep - _toWake;
        if (sleeping < _threads && Stopwatch.GetElapsedTime(_due.Peek().Since) < LongestWait)
        {
            return;
        }

        if (sleeping > 0)
        {
            _toWake++;
            Monitor.Pulse(_gate);
        }
        else if (_threads < MostThreads)
        {
            StartThread();
        }
    }

    private void StartThread()
    {
        try
        {
            new Thread(Work) { Name = "writer", IsBackground = true }.Start();
            _threads++;
        }
        catch (OutOfMemoryException) when (_threads > 0)
        {
            // No further thread can be had (pthread_create(3), EAGAIN): those that there are do the work.
        }
    }

    private void Work()
    {
        Libc.YieldToOthers();
        for (var queue = Next(finished: 0); queue is not null; queue = Next(finished: 1))
        {
            queue.RunWork();
        }
    }

    /// <param name="finished">How many this thread has done since it asked before.</param>
    private WriteQueue? Next(int finished)
    {
        lock (_gate)
        {
            _unfinished -= finished;
            while (_due.Count == 0)
            {
                if (!Sleep())
                {
                    return null;
                }
            }

            var (queue, _) = _due.Dequeue();
            if (_due.Count > 0)
            {
                WakeAsNeeded();
            }

            return queue;
        }
    }

    /// <summary>Sleeps until it is this thread that is to wake up; false when nobody was for a while, so that this thread ends.</summary>
    private bool Sleep()
    {
        _asleep++;
        var isPulsed = true;
        while (_toWake == 0 && isPulsed)
        {
            isPulsed = Monitor.Wait(_gate, MillisecondsIdle);
        }

        _asleep--;
        if (_toWake > 0)
        {
            _toWake--;
            return true;
        }

        _threads--;
        return false;
    }
}
