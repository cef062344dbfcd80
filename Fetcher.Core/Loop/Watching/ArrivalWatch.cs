using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Watching;

/// <summary>
/// Looks out for a loop whose thread stands in a blocking call: another thread, with an epoll instance of its own, notes when what the loop's transfers wait
/// for came. Once the loop is back it is too late to ask: of the bytes that have come meanwhile the kernel keeps the time of the last.
/// </summary>
/// <remarks>Its system calls are not counted, since its thread is not one of the run's. It sleeps while the loop itself waits for events.</remarks>
internal sealed class ArrivalWatch : IDisposable
{
    private const int EventsAtOnce = 64;
    private const ulong EndToken = ulong.MaxValue;

    private readonly SocketFd _epoll = new(Libc.EpollCreate().OrThrow("epoll_create1"));
    private readonly SocketFd _end = new(Libc.EventFd().OrThrow("eventfd"));
    private readonly ManualResetEventSlim _isOut = new();
    private readonly Lock _gate = new();

    // By descriptor: the kernel's time of day at which something first came, or 0 while this is waited for.
    private readonly Dictionary<int, (bool ToRead, long First)> _expected = [];
    private readonly Thread _thread;

    public ArrivalWatch()
    {
        Libc.EpollAdd(_epoll.Number, _end.Number, Epoll.In, EndToken).OrThrow("epoll_ctl");
        _thread = new Thread(LookOut) { Name = "arrivals", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Begins to look out for a socket that a transfer waits for.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="toRead">Whether it waits for something to read; else for room to write.</param>
    /// <param name="isNew">Whether nobody has waited for it before.</param>
    public void Expect(int fd, bool toRead, bool isNew)
    {
        lock (_gate)
        {
            if (!isNew && _expected[fd] == (toRead, 0))
            {
                return;
            }

            _expected[fd] = (toRead, 0);
        }

        Arm(fd, toRead, isNew).OrThrow("epoll_ctl");
    }

    /// <summary>When the first of the bytes (or the room, or the end) that are waited for came, in nanoseconds of CLOCK_REALTIME; 0 when that was not seen.</summary>
    public long FirstOf(int fd)
    {
        lock (_gate)
        {
            return _expected.GetValueOrDefault(fd).First;
        }
    }

    /// <summary>Starts looking out: the loop's thread is about to make a blocking call.</summary>
    public void Start() => _isOut.Set();

    /// <summary>Pauses: the loop itself waits for events.</summary>
    public void Pause() => _isOut.Reset();

    public void Dispose()
    {
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        Libc.Write(_end.Number, one).OrThrow("write eventfd");
        _isOut.Set();
        _thread.Join();
        _isOut.Dispose();
        _end.Dispose();
        _epoll.Dispose();
    }

    private void LookOut()
    {
        Span<byte> events = stackalloc byte[EventsAtOnce * Epoll.EventSize];
        while (true)
        {
            _isOut.Wait();
            var count = Libc.EpollWait(_epoll.Number, events, timeoutMilliseconds: -1).OrThrow("epoll_wait");
            for (var i = 0; i < count; i++)
            {
                var (_, token) = Epoll.Read(events, i);
                if (token == EndToken)
                {
                    return;
                }

                Note((int)token);
            }
        }
    }

    private void Note(int fd)
    {
        // With the lock held, so that nothing is noted that was received before the wait began.
        lock (_gate)
        {
            if (_expected[fd] is not (var toRead, 0))
            {
                return;
            }

            // One call answers both questions: between two calls something may come, and would be given the time at which it was looked at.
            var stamp = 0L;
            if (toRead && Libc.PeekStamped(fd, out stamp).WouldBlock)
            {
                // The loop was faster, and waits for more; or it has closed the socket.
                if (Arm(fd, toRead, isNew: false) is { IsError: true, Error: not (Errno.EBADF or Errno.ENOENT) } failed)
                {
                    failed.OrThrow("epoll_ctl");
                }

                return;
            }

            _expected[fd] = (toRead, stamp != 0 ? stamp : Libc.RealTime());
        }
    }

    private SysResult Arm(int fd, bool toRead, bool isNew)
    {
        // Reported once, however much comes. What is there already is reported too.
        var events = (toRead ? Epoll.In | Epoll.PeerClosed : Epoll.Out) | Epoll.OneShot;
        return Libc.EpollControl(_epoll.Number, isNew ? Epoll.Add : Epoll.Modify, fd, events, (ulong)fd);
    }
}
