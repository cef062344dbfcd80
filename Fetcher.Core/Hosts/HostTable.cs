using System.Collections.Concurrent;
using Fetcher.Core.Interop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Hosts;

/// <summary>
/// The hosts of a run, over all loops: the one place that finds, adds and forgets them. A list of a million hosts must not leave a million behind:
/// from <see cref="FewestSwept"/> hosts on those go that are not in use and of which nothing is known, and at <see cref="Most"/> what is known
/// of the others goes, too, and has to be found out again.
/// </summary>
internal sealed class HostTable(TimeProvider clock)
{
    /// <summary>Hosts that are kept for what is known of them. Those in use come on top; other limits bound them.</summary>
    public const int Most = 65_536;

    /// <summary>Hosts from which on any are forgotten.</summary>
    public const int FewestSwept = 10_000;

    // Found without a lock, changed under it.
    private readonly ConcurrentDictionary<byte[], Host> _hosts = new(Utf8Comparer.Instance);
    private int _sweepAt = FewestSwept;
    private int _circuits;

    /// <summary>Held by whoever adds a host or sets a part of one, so that it is not forgotten meanwhile.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Hosts in the table.</summary>
    public int Count { get; private set; }

    /// <summary>All hosts, in no order.</summary>
    public IEnumerable<Host> All => _hosts.Select(entry => entry.Value);

    /// <summary>Whether any host has a circuit.</summary>
    public bool HasCircuits => Volatile.Read(ref _circuits) > 0;

    /// <summary>The host of <paramref name="origin"/>, or null when it is not known.</summary>
    public Host? Find(ReadOnlySpan<byte> origin) =>
        _hosts.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(origin, out var host) ? host : null;

    /// <summary>The host of <paramref name="origin"/>, new when it is not known. The caller holds <see cref="Gate"/>.</summary>
    public Host Get(ReadOnlySpan<byte> origin)
    {
        if (Find(origin) is { } known)
        {
            return known;
        }

        if (Count >= _sweepAt)
        {
            Sweep(MonotonicClock.Now(clock));
        }

        var host = new Host(origin.ToArray());
        _hosts[host.Origin] = host;
        Count++;
        return host;
    }

    /// <summary>Gives the host a circuit, or takes it away. The caller holds <see cref="Gate"/>.</summary>
    public void SetCircuit(Host host, HostCircuit? circuit)
    {
        Volatile.Write(ref _circuits, _circuits + (circuit is null ? 0 : 1) - (host.Circuit is null ? 0 : 1));
        host.Circuit = circuit;
    }

    private void Sweep(long now)
    {
        var isFull = Count >= Most;
        foreach (var host in All)
        {
            if (!host.IsInUse(now) && (isFull || !host.IsKnown))
            {
                SetCircuit(host, null);
                _hosts.TryRemove(host.Origin, out _);
                Count--;
            }
        }

        // Twice what is left, so that a sweep is a small part of the work of adding what it looks at.
        var next = Math.Max(FewestSwept, 2 * Count);
        _sweepAt = Count < Most ? Math.Min(next, Most) : next;
    }
}
