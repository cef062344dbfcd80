using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop;

/// <summary>
/// Finds out whether it pays to let events gather. Where the server is the slowest, a response that is taken later costs nothing, since the server has other
/// requests meanwhile; where each response takes its time whatever else is asked, all of them come later by the nap. Where they come one by one, it saves
/// wake-ups; where they come in bursts, which a loop is busy with anyway, it is a wake-up more. Only trying tells: now and then windows of time go one way and
/// the other in turn. Each pair of them is compared by itself, since the machine's speed changes, and by the median of the pairs one way is gone until the next trial.
/// </summary>
/// <param name="cpuTime">CPU time of the loop's thread so far, in nanoseconds.</param>
internal sealed class GatheringTrial(Func<long> cpuTime)
{
    /// <summary>How long a window is at least, in nanoseconds, and how many events of each socket it has, but no more than so many at once.</summary>
    private const long LeastWindow = 5_000_000, EventsInWindow = 2, EnoughEvents = 1024;

    /// <summary>For how long a window of a trial is not measured, in nanoseconds: what had gathered when its way began would count for asking at once.</summary>
    private const long Settling = 2_000_000;

    /// <summary>
    /// Gathering goes on where asking at once receives at most so many times as much, and where it saves as great a part of the CPU time as it loses of the rate; two
    /// hundredths are allowed for.
    /// </summary>
    private const double MostLost = 1.04, LeastSaved = 0.98;

    /// <summary>Where it takes at most this part of the CPU time, it may lose a little more.</summary>
    private const double MuchSaved = 0.75, MostLostForMuch = 1.06;

    /// <summary>Where it takes more than this part, the second verdict stands.</summary>
    private const double SomeSaved = 0.9;

    /// <summary>
    /// A trial begins with the run. It is over after so many windows where gathering pays and saves much, else after so many, or after so many where it saves
    /// something and seems to lose, since the rates of two windows differ by a tenth without a reason; so many follow before the next, fewer where asking at once was
    /// found to be better.
    /// </summary>
    private const int FewWindows = 8, EnoughWindows = 16, MostWindows = 48, WindowsToTrial = 1024, WindowsToReturn = 256;

    // Of each pair of windows of the trial that is under way, what gathering came to against asking at once.
    private readonly double[] _rates = new double[MostWindows / 2], _costs = new double[MostWindows / 2];
    private int _pairs;
    private Window _gathering;
    private bool _gathers = true;
    private int _window;
    private int _windowsToTrial;
    private long _begins, _begun, _events, _bytes, _cpu;

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
            if (now < _begins)
            {
                return;
            }

            (_begun, _events, _bytes, _cpu) = (now, 0, SyscallCounters.Current.BytesReceived, cpuTime());
        }

        _events += events;
        if (_events >= Math.Min(EventsInWindow * sockets, EnoughEvents) && now - _begun >= LeastWindow)
        {
            EndWindow(now);
        }
    }

    private void EndWindow(long now)
    {
        if (_windowsToTrial == 0)
        {
            Compare(new Window(SyscallCounters.Current.BytesReceived - _bytes, now - _begun, cpuTime() - _cpu));
            _window++;
            _gathers = _window % 2 == 0;
            if (_window is FewWindows or EnoughWindows or MostWindows && Verdict() is { } pays)
            {
                (_gathers, _windowsToTrial) = (pays, pays ? WindowsToTrial : WindowsToReturn);
            }
        }
        else if (--_windowsToTrial == 0)
        {
            (_window, _pairs, _gathers) = (0, 0, true);
        }

        (_begun, _begins) = (0, _windowsToTrial == 0 ? now + Settling : now);
    }

    /// <summary>Takes the next window of the trial. Nothing can be said of a pair in one of which nothing came.</summary>
    private void Compare(in Window window)
    {
        if (_gathers)
        {
            _gathering = window;
        }
        else if (_gathering.Bytes > 0 && window.Bytes > 0)
        {
            (_rates[_pairs], _costs[_pairs]) = (_gathering.Rate / window.Rate, _gathering.Cost / window.Cost);
            _pairs++;
        }
    }

    /// <summary>Whether gathering pays; null when that is to be looked at for longer.</summary>
    private bool? Verdict()
    {
        if (_pairs == 0)
        {
            return true;
        }

        var (rate, cost) = (Median(_rates.AsSpan(0, _pairs)), Median(_costs.AsSpan(0, _pairs)));
        var pays = cost * LeastSaved <= Math.Min(rate, 1) && rate * (cost <= MuchSaved ? MostLostForMuch : MostLost) >= 1;
        var isSure = _window switch
        {
            FewWindows => pays && cost <= MuchSaved,
            EnoughWindows => pays || cost > SomeSaved,
            _ => true,
        };
        return isSure ? pays : null;
    }

    private static double Median(Span<double> values)
    {
        values.Sort();
        return (values[(values.Length - 1) / 2] + values[values.Length / 2]) / 2;
    }

    /// <summary>What came in a window.</summary>
    private readonly record struct Window(long Bytes, long Time, long Cpu)
    {
        /// <summary>Bytes a nanosecond.</summary>
        public double Rate => Bytes / (double)Time;

        /// <summary>Nanoseconds of CPU time a byte.</summary>
        public double Cost => Cpu / (double)Bytes;
    }
}
