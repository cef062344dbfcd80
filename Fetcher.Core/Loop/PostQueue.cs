using System.Collections.Concurrent;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// What other threads have the loop's thread do, and the eventfd(2) that wakes the loop up for it. Only the first post since the loop last looked writes to
/// the descriptor.
/// </summary>
internal sealed class PostQueue : IDisposable
{
    private readonly SocketFd _wakeUp = new(Libc.EventFd().OrThrow("eventfd"));
    private readonly ConcurrentQueue<Action> _posted = new();
    private int _isWakeUpPending;

    /// <summary>The descriptor that becomes readable when something is posted.</summary>
    public int Number => _wakeUp.Number;

    /// <summary>How many actions wait to be called.</summary>
    public int Count => _posted.Count;

    /// <summary>Whether nothing waits to be called; cheaper than <see cref="Count"/>.</summary>
    public bool IsEmpty => _posted.IsEmpty;

    /// <summary>Adds an action and wakes the loop up. Safe from any thread, and does nothing once this is disposed.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        if (Interlocked.Exchange(ref _isWakeUpPending, 1) == 0)
        {
            WakeUp();
        }
    }

    /// <summary>Takes the oldest action.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Action? action) => _posted.TryDequeue(out action);

    /// <summary>Resets the descriptor after a wake-up.</summary>
    /// <returns>False when there was none: a poller that asks nobody reports the descriptor always.</returns>
    public bool TryClear()
    {
        if (Volatile.Read(ref _isWakeUpPending) == 0)
        {
            return false;
        }

        Span<byte> count = stackalloc byte[8];
        var read = Libc.Read(_wakeUp.Number, count);
        if (read.IsError && !read.WouldBlock)
        {
            read.OrThrow("read eventfd");
        }

        // Only now: who posts from here on writes again. The other way round the read could take that write, and nobody would ever write
        // again.
        Interlocked.Exchange(ref _isWakeUpPending, 0);
        return true;
    }

    public void Dispose()
    {
        lock (_wakeUp)
        {
            _wakeUp.Dispose();
        }
    }

    private void WakeUp()
    {
        // The lock keeps a late caller from writing to a descriptor that is closed, or somebody else's by now.
        lock (_wakeUp)
        {
            if (!_wakeUp.IsClosed)
            {
                ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
                Libc.Write(_wakeUp.Number, one).OrThrow("write eventfd");
            }
        }
    }
}
