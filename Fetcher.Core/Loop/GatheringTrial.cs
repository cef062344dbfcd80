using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// Finds out whether it pays to let events gather. Where the server is the slowest, a response that is taken later costs nothing, since the server has other
/// requests meanwhile; where each response takes its time whatever else is asked, all of them come later by the nap. Where they come one by one, it saves
/// wake-ups; where they come in bursts, which a loop is busy with anyway, it is a wake-up more. Only trying tells: now and then windows of time go one way and
/// the other in turn, the best rate and the least CPU time of each way are compared, and the better way is gone until the next trial.
/// </summary>
/// <param name="cpuTime">CPU time of the loop's thread so far, in nanoseconds.</param>
internal sealed class GatheringTrial(Func<long> cpuTime)
{
    /// <summary>How long a window is at least, in nanoseconds, and how many events of each socket it has, but no more than so many at once.</summary>
    private const long LeastWindow = 5_000_000, EventsInWindow = 2, EnoughEvents = 1024;

    /// <summary>Gathering goes on where asking at once receives at most so many times as much, and takes no less than this part of its CPU time.</summary>
    private const double MostLost = 1.04, LeastSaved = 0.98;

    /// <summary>A trial begins with the run, and has so many windows; so many follow before the next, fewer where asking at once was found to be better.</summary>
    private const int Windows = 16, WindowsToTrial = 1024, WindowsToReturn = 256;

    // What the two ways have come to in the trial that is under way.
    private Way _gathering = new(), _atOnce = new();
    private bool _gathers = true;
    private int _window;
    private long _begun, _events, _bytes, _cpu;

    /// <summary>
    /// Whether loops ask at once, whatever comes: for the benchmark alone, which measures what gathering costs in latency (bench/run.sh latency).
    /// </summary>
    private static bool IsOff { get; } = Environment.GetEnvironmentVariable("FETCHER_NO_GATHERING") is { Length: > 0 };

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
            Begin(now, SyscallCounters.Current.BytesReceived, cpuTime());
        }

        _events += events;
        if (_events >= Math.Min(EventsInWindow * sockets, EnoughEvents) && now - _begun >= LeastWindow)
        {
            EndWindow(now);
        }
    }

    private void EndWindow(long now)
    {
        var (bytes, cpu) = (SyscallCounters.Current.BytesReceived, cpuTime());
        _window++;
        if (_window <= Windows)
        {
            (_gathers ? _gathering : _atOnce).Note(bytes - _bytes, now - _begun, cpu - _cpu);
            _gathers = _window < Windows
                ? _window % 2 == 0
                : _gathering.Rate * MostLost >= _atOnce.Rate && _gathering.Cost * LeastSaved <= _atOnce.Cost;
        }
        else if (_window == Windows + (_gathers ? WindowsToTrial : WindowsToReturn))
        {
            (_window, _gathers, _gathering, _atOnce) = (0, true, new Way(), new Way());
        }

        Begin(now, bytes, cpu);
    }

    private void Begin(long now, long bytes, long cpu) => (_begun, _events, _bytes, _cpu) = (now, 0, bytes, cpu);

    /// <summary>The best that one way has come to, since whatever else the machine does only ever makes a window worse.</summary>
    private sealed class Way
    {
        /// <summary>Bytes a nanosecond.</summary>
        public double Rate { get; private set; }

        /// <summary>Nanoseconds of CPU time a byte.</summary>
        public double Cost { get; private set; } = double.MaxValue;

        /// <summary>Notes a window.</summary>
        public void Note(long bytes, long time, long cpu)
        {
            Rate = Math.Max(Rate, bytes / (double)time);
            if (bytes > 0)
            {
                Cost = Math.Min(Cost, cpu / (double)bytes);
            }
        }
    }
}
