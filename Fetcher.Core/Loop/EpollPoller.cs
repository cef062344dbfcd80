using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// epoll(7), edge-triggered. The kernel keeps the list of descriptors and hands back only the ready ones, so a wait costs by what is ready,
/// not by what is watched. Each descriptor is registered once for both directions; arming needs no call.
/// </summary>
internal sealed class EpollPoller : IPoller
{
    private readonly SocketFd _epoll = new(Libc.EpollCreate().OrThrow("epoll_create1"));
    private byte[] _buffer = [];

    public bool CanWatch(int fd) => true;

    public bool TellsFailure => true;

    public void Add(int fd, ulong token) =>
        Libc.EpollAdd(_epoll.Number, fd, Epoll.In | Epoll.Out | Epoll.PeerClosed | Epoll.EdgeTriggered, token).OrThrow("epoll_ctl");

    public void Arm(int fd, ulong token, Interest interest)
    {
        // Edge-triggered: every change is reported, wanted or not, and the loop remembers it.
    }

    public void Remove(int fd)
    {
        // The kernel drops a descriptor from the list when it is closed; asking for it would be one call more.
    }

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        if (_buffer.Length < events.Length * Epoll.EventSize)
        {
            _buffer = new byte[events.Length * Epoll.EventSize];
        }

        var count = Libc.EpollWait(_epoll.Number, _buffer, timeoutMilliseconds).OrThrow("epoll_wait");
        for (var i = 0; i < count; i++)
        {
            var (what, token) = Epoll.Read(_buffer, i);
            var both = (what & (Epoll.Error | Epoll.HangUp)) != 0;
            var ready = (both || (what & (Epoll.In | Epoll.PeerClosed)) != 0 ? Interest.Read : Interest.None)
                | (both || (what & Epoll.Out) != 0 ? Interest.Write : Interest.None);
            events[i] = new PollEvent(token, ready, (what & (Epoll.PeerClosed | Epoll.HangUp | Epoll.Error)) != 0);
        }

        return count;
    }

    public void Dispose() => _epoll.Dispose();
}
