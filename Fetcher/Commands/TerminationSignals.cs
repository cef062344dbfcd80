using System.Runtime.InteropServices;

namespace Fetcher.Commands;

/// <summary>SIGINT and SIGTERM: the first stops the run in good order, with its report; a second ends the process at once.</summary>
internal sealed class TerminationSignals : IDisposable
{
    private const int SignalBase = 128;

    private readonly CancellationTokenSource _stop;
    private readonly PosixSignalRegistration[] _registrations;
    private int _status;

    public TerminationSignals(CancellationToken cancellation)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        _registrations =
        [
            PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, number: 2)),
            PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, number: 15)),
        ];
    }

    /// <summary>Cancelled when the run is to stop.</summary>
    public CancellationToken Stopping => _stop.Token;

    /// <summary>130 or 143 when a signal stopped the run, else null.</summary>
    public int? ExitStatus => _status == 0 ? null : _status;

    /// <summary>Stops the run without a signal.</summary>
    public void Stop() => _stop.Cancel();

    public void Dispose()
    {
        Array.ForEach(_registrations, registration => registration.Dispose());
        _stop.Dispose();
    }

    private void OnSignal(PosixSignalContext context, int number)
    {
        if (Interlocked.CompareExchange(ref _status, SignalBase + number, 0) != 0)
        {
            Environment.Exit(_status);
        }

        context.Cancel = true;
        Stop();
    }
}
