namespace Fetcher.Core.Hosts;

/// <summary>
/// What a run knows of one host: a scheme, a name and a port, as for connections. Each part exists from when an option, or the host itself, asks for it.
/// The parts are set under the table's lock and may be read without.
/// </summary>
/// <param name="origin">Scheme, host and port (RFC 9110, section 4.3.1), as <see cref="Http.HttpUrl.Origin"/>; empty for lines that are no URLs.</param>
internal sealed class Host(byte[] origin)
{
    /// <summary>Scheme, host and port.</summary>
    public byte[] Origin => origin;

    /// <summary>Who waits for it and how much is under way, or null: nobody limits that.</summary>
    public HostQueue? Waiting { get; set; }

    /// <summary>The circuit breaker, or null: it has answered when it was asked last. Set by <see cref="HostTable.SetCircuit"/> alone.</summary>
    public HostCircuit? Circuit { get; set; }

    /// <summary>Its robots.txt, or null: nobody has asked.</summary>
    public HostRobots? Robots { get; set; }

    /// <summary>Whether it must not be forgotten: somebody waits for it or is under way, or it is to be left alone for a time.</summary>
    public bool IsInUse(long now) => Waiting is { } waiting && !waiting.IsIdle(now) || Robots is { IsBeingFetched: true };

    /// <summary>Whether something is known that would have to be found out again.</summary>
    public bool IsKnown => Circuit is not null || Robots is not null;
}
