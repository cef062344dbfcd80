namespace Fetcher.Core.Hosts;

/// <summary>What <see cref="Circuits.Enter"/> answers. The default admits a request to a host that nothing is held against.</summary>
/// <param name="HasCircuit">Whether the host has failed and not answered since: its answer is news, and has to be reported at once.</param>
/// <param name="Refusal">Why the host must not be asked now, or null: it may.</param>
/// <param name="Trial">The one request that finds out whether the host is back, or null: this is none.</param>
internal readonly record struct Admission(bool HasCircuit, FetchError? Refusal = null, CircuitTrial? Trial = null);

/// <summary>
/// The circuit breakers of the hosts that fail, over all loops. A host that is dead is asked only so often; then its URLs fail at once until it is
/// tried again. While no host fails there are none, and nothing is counted.
/// </summary>
internal sealed class Circuits(FetchOptions options, HostTable hosts, TimeProvider clock)
{
    /// <summary>Whether no host fails.</summary>
    public bool IsQuiet => !hosts.HasCircuits;

    /// <summary>Asks whether a host may be asked. Each admission is followed by one <see cref="Report"/>.</summary>
    /// <param name="origin">The host.</param>
    public Admission Enter(ReadOnlySpan<byte> origin) => hosts.HasCircuits && hosts.Find(origin)?.Circuit is { } circuit ? circuit.Enter() : default;

    /// <summary>Draws conclusions about a host from how a request that was admitted has ended.</summary>
    /// <param name="origin">The host that was asked.</param>
    /// <param name="admission">What <see cref="Enter"/> answered.</param>
    /// <param name="outcome">How it ended.</param>
    public void Report(ReadOnlySpan<byte> origin, Admission admission, HostOutcome outcome)
    {
        if (admission.Trial is { } trial)
        {
            trial.End(outcome);
        }
        else if (outcome.Failure is { } failure && options.CircuitFailures > 0)
        {
            CircuitOf(origin).Count(failure);
        }

        if (outcome.Verdict == HostVerdict.Answered)
        {
            Close(origin);
        }
    }

    private HostCircuit CircuitOf(ReadOnlySpan<byte> origin)
    {
        lock (hosts.Gate)
        {
            var host = hosts.Get(origin);
            if (host.Circuit is not { } circuit)
            {
                circuit = new HostCircuit(host.Origin, options, clock);
                hosts.SetCircuit(host, circuit);
            }

            return circuit;
        }
    }

    /// <summary>The host has answered.</summary>
    private void Close(ReadOnlySpan<byte> origin)
    {
        if (hosts.HasCircuits && hosts.Find(origin) is { Circuit: not null } host)
        {
            lock (hosts.Gate)
            {
                hosts.SetCircuit(host, null);
            }
        }
    }
}
