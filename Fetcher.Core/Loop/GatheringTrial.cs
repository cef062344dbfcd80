using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// Finds out whether it delays the work to let events gather. Where the server is the slowest, a response that is taken later costs nothing, since the server
/// has other requests meanwhile; where each response takes its time whatever else is asked, all of them come later by the nap. Only trying tells one from the
/// other: now and then a window of time goes the other way, and the best rates of both are compared.
/// </summary>
internal sealed class GatheringTrial
{
    /// <summary>How long a window is at least, in nanoseconds, and how many events of each socket.</summary>
    private const long LeastWindow = 5_000_000, EventsInWindow = 2;

    /// <summary>Gathering goes on where asking at once receives at most so many times as much.</summary>
    private const double MostLost = 1.04;

    /// <summary>At first every second window is a trial of the other way, later one in so many.</summary>
    private const int FirstWindows = 8, WindowsToTrial = 256;

    /// <summary>The best rate of a way fades by this part with each of its windows.</summary>
    private const double Fading = 1 / 16.0;

    // The best rate of each way, in bytes a nanosecond, since whatever else the machine does only ever slows a window down.
    private double _gathering, _atOnce;
    private bool _prefersToGather = true;
    private bool _gathers = true;
    private int _window;
    private long _begun, _events, _bytes;

    /// <summary>
    /// Whether loops ask at once, whatever comes: for the benchmark alone, which measures what gathering costs in latency (bench/run.sh latency).
    /// </summary>
    public static bool IsOff { get; } = Environment.GetEnvironmentVariable("FETCHER_NO_GATHERING") is { Length: > 0 };

    /// <summary>Whether events are to gather now.</summary>
    public bool Gathers => _gathers && !IsOff;

    /// <summary>Notes what a wait brought. Called on the loop's thread, whose received bytes it compares.</summary>
    /// <param name="events">How many events.</param>
    /// <param name="sockets">How many sockets are waited for.</param>
    /// <param name="now">Now, in nanoseconds.</param>
    public void Note(int events, int sockets, long now)
    {
        if (_begun == 0)
        {
            Begin(now, SyscallCounters.Current.BytesReceived);
        }

        _events += events;
        if (_events >= EventsInWindow * sockets && now - _begun >= LeastWindow)
        {
            EndWindow(now);
        }
    }

    private void EndWindow(long now)
    {
        var bytes = SyscallCounters.Current.BytesReceived;
        var rate = (bytes - _bytes) / (double)(now - _begun);
        ref var best = ref _gathers ? ref _gathering : ref _atOnce;
        best = Math.Max(rate, best * (1 - Fading));
        _window++;
        if (_window >= FirstWindows)
        {
            _prefersToGather = _gathering * MostLost >= _atOnce;
        }

        var isTrial = _window < FirstWindows ? _window % 2 == 1 : _window % WindowsToTrial == 0;
        _gathers = _prefersToGather != isTrial;
        Begin(now, bytes);
    }

    private void Begin(long now, long bytes) => (_begun, _events, _bytes) = (now, 0, bytes);
}
