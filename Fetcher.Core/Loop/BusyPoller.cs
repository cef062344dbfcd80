namespace Fetcher.Core.Loop;

/// <summary>
/// Asks nobody: everything that is wanted is reported as ready, at once and always. So the loop tries every socket again and again, nearly
/// all of them say EAGAIN, and the CPU is as busy with nothing to do as with much.
/// </summary>
internal sealed class BusyPoller : IPoller
{
    private readonly Dictionary<int, int> _places = [];
    private PollEvent[] _descriptors = new PollEvent[16];
    private int[] _numbers = new int[16];
    private int _count;
    private int _next;

    public bool CanWatch(int fd) => true;

    public bool TellsFailure => false;

    public void Add(int fd, ulong token)
    {
        if (_count == _descriptors.Length)
        {
            Array.Resize(ref _descriptors, 2 * _count);
            Array.Resize(ref _numbers, 2 * _count);
        }

        _places.Add(fd, _count);
        _numbers[_count] = fd;
        _descriptors[_count++] = new PollEvent(token, Interest.None, PeerClosed: false);
    }

    public void Arm(int fd, ulong token, Interest interest) =>
        _descriptors[_places[fd]] = new PollEvent(token, interest, PeerClosed: false);

    public void Remove(int fd)
    {
        // The last takes the free place, so that the list stays dense.
        _places.Remove(fd, out var place);
        if (place != --_count)
        {
            _descriptors[place] = _descriptors[_count];
            _numbers[place] = _numbers[_count];
            _places[_numbers[place]] = place;
        }
    }

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        var count = 0;

        // Begins where the last call ended, so that nobody is always the one that finds no room.
        for (var i = 0; i < _count && count < events.Length; i++)
        {
            _next = _next + 1 < _count ? _next + 1 : 0;
            if (_descriptors[_next].Ready != Interest.None)
            {
                events[count++] = _descriptors[_next];
            }
        }

        return count;
    }

    public void Dispose()
    {
        // The kernel was never asked.
    }
}
