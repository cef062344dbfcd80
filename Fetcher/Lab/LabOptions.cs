namespace Fetcher.Lab;

/// <summary>A body sent in pieces by the server's own clock: piece k is due k intervals after the first.</summary>
/// <param name="Pieces">How many pieces, at least 1.</param>
/// <param name="Interval">Time from one piece to the next; null spreads the pieces over the time the host's body takes.</param>
internal sealed record LabDrip(int Pieces, TimeSpan? Interval = null);

/// <summary>What the lab serves and where. A null leaves the choice to the host's name (<see cref="LabPage"/>).</summary>
internal sealed record LabOptions
{
    /// <summary>Port for http on 127.0.0.1; 0 lets the kernel choose.</summary>
    public int HttpPort { get; init; }

    /// <summary>Port for https on 127.0.0.1; 0 lets the kernel choose.</summary>
    public int HttpsPort { get; init; }

    /// <summary>Port for HTTP/2 without TLS on 127.0.0.1; 0 lets the kernel choose.</summary>
    public int Http2Port { get; init; }

    /// <summary>Size of every host's page in bytes.</summary>
    public long? Body { get; init; }

    /// <summary>Time from the request to the first byte of every host's page.</summary>
    public TimeSpan? Delay { get; init; }

    /// <summary>Rate of every host's path in bytes a second; 0 is unpaced.</summary>
    public long? Pace { get; init; }

    /// <summary>Sends pages by the server's clock instead of the kernel's pacing.</summary>
    public LabDrip? Drip { get; init; }

    /// <summary>Compresses pages for clients that ask for it.</summary>
    public bool Compress { get; init; }

    /// <summary>Whether it stands in for the sites of a list, so that every path has a page, whatever host the list names.</summary>
    public bool StandsInForSites { get; init; }

    /// <summary>Answers http requests for pages with a redirect to https.</summary>
    public bool RedirectToHttps { get; init; }
}
