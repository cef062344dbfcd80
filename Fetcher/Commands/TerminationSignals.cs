using System.Runtime.InteropServices;

namespace Fetcher.Commands;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP: the first ends the run in good order, with its report: nothing new begins, and what is under way has a moment to end by
/// itself. A further one ends the process at once, unless it is of the same stroke.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    /// <summary>How long transfers may go on after a signal, unless <c>--grace</c> says otherwise.</summary>
    public static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Signals that follow the first so soon are the same request: timeout(1) signals its child and then its group, and a terminal that is closed sends
    /// SIGHUP to the group after the shell has done so.
    /// </summary>
    public static readonly TimeSpan Stroke = TimeSpan.FromSeconds(0.3);

    private const int SignalBase = 128, Interrupt = 2, Terminate = 15;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _signal = new();
    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _cancelled;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TimeSpan _grace;
    private readonly TimeProvider _clock;
    private readonly Action<int> _exit;
    private long _first;
    private int _status;
    private bool _isDisposed;

    /// <param name="cancellation">Stops the run like a signal, without the moment of grace.</param>
    /// <param name="grace">The moment between a signal and the stop.</param>
    /// <param name="clock">Tells how far signals are apart.</param>
    /// <param name="exit">Ends the process with a status; null for the way it is done outside of tests.</param>
    public TerminationSignals(CancellationToken cancellation, TimeSpan grace = default, TimeProvider? clock = null, Action<int>? exit = null)
    {
        (_grace, _clock, _exit) = (grace, clock ?? TimeProvider.System, exit ?? Environment.Exit);
        _cancelled = cancellation.Register(Stop);
        _registrations =
        [
            Register(PosixSignal.SIGINT, Interrupt),
            Register(PosixSignal.SIGTERM, Terminate),

            // Whoever closes the terminal wants the run to end, and its report.
            Register(PosixSignal.SIGHUP, Terminate),
        ];
    }

    /// <summary>Cancelled by a signal, and by nothing else.</summary>
    public CancellationToken Signalled => _signal.Token;

    /// <summary>Cancelled when nothing new is to begin.</summary>
    public CancellationToken Draining => _drain.Token;

    /// <summary>Cancelled when the run is to stop, whatever is under way.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>130 or 143 when a signal stopped the run, else null.</summary>
    public int? ExitStatus => _status == 0 ? null : _status;

    /// <summary>Stops the run without a signal, and without grace.</summary>
    public void Stop()
    {
        _drain.Cancel();
        _stop.Cancel();
    }

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        lock (_gate)
        {
            // A signal may be on its way here all the same.
            _isDisposed = true;
            _cancelled.Dispose();
            _signal.Dispose();
            _drain.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Does what a signal of this number asks for. Called on any thread, one signal at a time or several at once.</summary>
    internal void OnSignal(int number)
    {
        lock (_gate)
        {
            if (_status != 0)
            {
                if (_clock.GetElapsedTime(_first) >= Stroke)
                {
                    _exit(_status);
                }

                return;
            }

            (_first, _status) = (_clock.GetTimestamp(), SignalBase + number);
            if (_isDisposed)
            {
                return;
            }

            if (_grace > TimeSpan.Zero)
            {
                _stop.CancelAfter(_grace);
            }
        }

        // Not under the lock: whoever hears of it may take a while, and a further signal must be heard meanwhile.
        _signal.Cancel();
        _drain.Cancel();
        if (_grace <= TimeSpan.Zero)
        {
            _stop.Cancel();
        }
    }

    private PosixSignalRegistration Register(PosixSignal signal, int number) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        OnSignal(number);
    });
}
