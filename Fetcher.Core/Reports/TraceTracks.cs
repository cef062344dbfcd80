namespace Fetcher.Core.Reports;

/// <summary>
/// Finds the track of a trace on which a transfer is drawn: that of its connection, which carries one transfer after the other. A local port whose
/// connection has ended gives its track to the next, so that there are no more tracks than connections at once.
/// </summary>
internal sealed class TraceTracks
{
    private readonly Dictionary<int, List<Track>> _byPort = [];

    /// <summary>Tracks so far.</summary>
    public int Count { get; private set; }

    /// <summary>The track of the connection, free from <paramref name="start"/> on or used by this very connection before.</summary>
    /// <param name="result">A transfer; one without a connection is drawn beside the others of its kind.</param>
    /// <param name="start">When it began to use the connection, in nanoseconds from the start of the run.</param>
    public Track Find(FetchResult result, long start)
    {
        if (!_byPort.TryGetValue(result.LocalPort, out var tracks))
        {
            _byPort.Add(result.LocalPort, tracks = []);
        }

        foreach (var track in tracks)
        {
            if (track.End <= start || (result.LocalPort > 0 && track.IsOf(result)))
            {
                track.Take(result);
                return track;
            }
        }

        // Two connections to different servers may have the same local port at the same time.
        var added = new Track(++Count);
        added.Take(result);
        tracks.Add(added);
        return added;
    }

    /// <summary>One track.</summary>
    /// <param name="number">Its number, from 1.</param>
    internal sealed class Track(int number)
    {
        private string? _remoteIp;
        private int _remotePort;

        public int Number => number;

        /// <summary>When the last transfer on it ended.</summary>
        public long End { get; set; }

        /// <summary>Whether it has been given a name in the trace.</summary>
        public bool IsNamed { get; set; }

        public bool IsOf(FetchResult result) => _remotePort == result.RemotePort && _remoteIp == result.RemoteIp;

        public void Take(FetchResult result) => (_remoteIp, _remotePort) = (result.RemoteIp, result.RemotePort);
    }
}
