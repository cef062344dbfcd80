using System.Runtime.InteropServices;

namespace Fetcher.Commands;

/// <summary>
/// SIGINT and SIGTERM: the first ends the run in good order, with its report: nothing new begins, and what is under way has a moment to end by
/// itself. A second ends the process at once.
/// </summary>
internal sealed class TerminationSignals : IDisposable
{
    /// <summary>How long transfers may go on after a signal, unless <c>--grace</c> says otherwise.</summary>
    public static readonly TimeSpan UsualGrace = TimeSpan.FromSeconds(2);

    private const int SignalBase = 128;

    private readonly CancellationTokenSource _drain = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenRegistration _cancelled;
    private readonly PosixSignalRegistration[] _registrations;
    private readonly TimeSpan _grace;
    private int _status;

    /// <param name="cancellation">Stops the run like a signal, without the moment of grace.</param>
    /// <param name="grace">The moment between a signal and the stop.</param>
    public TerminationSignals(CancellationToken cancellation, TimeSpan grace = default)
    {
        _grace = grace;
        _cancelled = cancellation.Register(Stop);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, number: 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, number: 15)),
        ];
    }

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
        _cancelled.Dispose();
        _drain.Dispose();
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context, int number)
    {
        if (Interlocked.CompareExchange(ref _status, SignalBase + number, 0) != 0)
        {
            Environment.Exit(_status);
        }

        context.Cancel = true;
        _drain.Cancel();
        if (_grace > TimeSpan.Zero)
        {
            _stop.CancelAfter(_grace);
        }
        else
        {
            _stop.Cancel();
        }
    }
}
