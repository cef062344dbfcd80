using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// poll(2), level-triggered. We keep the list of descriptors and hand all of it to the kernel for every wait, so a wait costs by what is
/// watched. There is no limit to their number, and what is wanted of each is one store.
/// </summary>
internal sealed class PollPoller : IPoller
{
    private readonly Dictionary<int, int> _places = [];
    private PollFd[] _descriptors = new PollFd[16];
    private ulong[] _tokens = new ulong[16];
    private int _count;
    private int _next;

    public bool CanWatch(int fd) => true;

    public bool TellsFailure => true;

    public void Add(int fd, ulong token)
    {
        if (_count == _descriptors.Length)
        {
            Array.Resize(ref _descriptors, 2 * _count);
            Array.Resize(ref _tokens, 2 * _count);
        }

        _places.Add(fd, _count);
        _descriptors[_count].Fd = ~fd;
        _tokens[_count++] = token;
    }

    public void Arm(int fd, ulong token, Interest interest)
    {
        // The call reports hang-ups whether they are wanted or not, but passes over a negative number.
        ref var descriptor = ref _descriptors[_places[fd]];
        descriptor.Fd = interest == Interest.None ? ~fd : fd;
        descriptor.Wanted = (short)(((interest & Interest.Read) != 0 ? PollFd.In | PollFd.PeerClosed : 0)
            | ((interest & Interest.Write) != 0 ? PollFd.Out : 0));
    }

    public void Remove(int fd)
    {
        // The last takes the free place, so that the list stays dense.
        _places.Remove(fd, out var place);
        if (place != --_count)
        {
            _descriptors[place] = _descriptors[_count];
            _tokens[place] = _tokens[_count];
            var moved = _descriptors[place].Fd;
            _places[moved < 0 ? ~moved : moved] = place;
        }
    }

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        var left = Libc.Poll(_descriptors.AsSpan(0, _count), timeoutMilliseconds).OrThrow("poll");
        var count = 0;

        // Begins where the last call ended, so that nobody is always the one that finds no room.
        for (var i = 0; i < _count && left > 0 && count < events.Length; i++)
        {
            _next = _next + 1 < _count ? _next + 1 : 0;
            var what = _descriptors[_next].Ready;
            if (what != 0)
            {
                left--;
                var both = (what & (PollFd.Error | PollFd.HangUp | PollFd.NotOpen)) != 0;
                var ready = (both || (what & (PollFd.In | PollFd.PeerClosed)) != 0 ? Interest.Read : Interest.None)
                    | (both || (what & PollFd.Out) != 0 ? Interest.Write : Interest.None);
                events[count++] = new PollEvent(_tokens[_next], ready, (what & (PollFd.PeerClosed | PollFd.HangUp | PollFd.Error)) != 0);
            }
        }

        return count;
    }

    public void Dispose()
    {
        // The kernel keeps nothing between two calls.
    }
}
