using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// select(2), level-triggered. Each wait copies two bit sets in, has the kernel look at every descriptor up to the highest, and searches
/// the sets for what is left in them. No descriptor from 1024 on fits, however few are watched.
/// </summary>
internal sealed class SelectPoller : IPoller
{
    /// <summary>What to say when a descriptor does not fit.</summary>
    public const string Limit =
        "select(2) can only watch descriptors below 1024 (FD_SETSIZE); --mode poll, async and threads have no such limit";

    private readonly ulong[] _tokens = new ulong[FdSet.Capacity];
    private FdSet _readers;
    private FdSet _writers;
    private int _highest;
    private int _next;

    /// <summary>How many numbers that fit are not in use by this process, now.</summary>
    public static int CountFree() => Enumerable.Range(0, FdSet.Capacity).Count(fd => !Libc.IsOpen(fd));

    public bool CanWatch(int fd) => fd < FdSet.Capacity;

    public bool TellsFailure => false;

    public void Add(int fd, ulong token)
    {
        if (!CanWatch(fd))
        {
            throw new IOException($"descriptor {fd}: {Limit}");
        }

        _tokens[fd] = token;
        _highest = Math.Max(_highest, fd + 1);
    }

    public void Arm(int fd, ulong token, Interest interest)
    {
        _readers.Set(fd, (interest & Interest.Read) != 0);
        _writers.Set(fd, (interest & Interest.Write) != 0);
    }

    public void Remove(int fd)
    {
        _readers.Set(fd, false);
        _writers.Set(fd, false);
    }

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        // The call writes its answer over the question.
        var (readable, writable) = (_readers, _writers);
        var left = Libc.Select(_highest, ref readable, ref writable, timeoutMilliseconds).OrThrow("select");
        var count = 0;

        // Begins where the last call ended, so that nobody is always the one that finds no room.
        for (var i = 0; i < _highest && left > 0 && count < events.Length; i++)
        {
            _next = _next + 1 < _highest ? _next + 1 : 0;
            var ready = (readable.Contains(_next) ? Interest.Read : Interest.None)
                | (writable.Contains(_next) ? Interest.Write : Interest.None);
            if (ready != Interest.None)
            {
                // A descriptor counts once for each set it is in.
                left -= ready == (Interest.Read | Interest.Write) ? 2 : 1;
                events[count++] = new PollEvent(_tokens[_next], ready, PeerClosed: false);
            }
        }

        return count;
    }

    public void Dispose()
    {
        // The kernel keeps nothing between two calls.
    }
}
