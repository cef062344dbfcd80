namespace Fetcher.Core.Saving;

/// <summary>
/// A few threads that write bodies, so that no event loop stands in a disk's way. They start when there is work and end when there has been
/// none for a while. A file is at one thread at a time.
/// </summary>
internal sealed class WriterThreads
{
    private const int MostThreads = 4;
    private const int MillisecondsIdle = 1000;

    private readonly object _gate = new();
    private readonly Queue<WriteQueue> _due = new();
    private int _threads;
    private int _idle;
    private int _unfinished;

    /// <summary>Has a thread call <see cref="WriteQueue.RunWork"/>.</summary>
    public void Schedule(WriteQueue queue)
    {
        lock (_gate)
        {
            _unfinished++;
            _due.Enqueue(queue);
            if (_idle > 0)
            {
                Monitor.Pulse(_gate);
            }
            else if (_threads < MostThreads)
            {
                StartThread();
            }
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

    private void Work()
    {
        while (Next() is { } queue)
        {
            queue.RunWork();
            lock (_gate)
            {
                _unfinished--;
            }
        }
    }

    private WriteQueue? Next()
    {
        lock (_gate)
        {
            while (_due.Count == 0)
            {
                _idle++;
                var isPulsed = Monitor.Wait(_gate, MillisecondsIdle);
                _idle--;
                if (!isPulsed && _due.Count == 0)
                {
                    _threads--;
                    return null;
                }
            }

            return _due.Dequeue();
        }
    }
}
