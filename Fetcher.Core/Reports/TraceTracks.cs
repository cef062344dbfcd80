using Fetcher.Core.Reports.Fields;

namespace Fetcher.Core.Reports;

/// <summary>
/// Finds the track of a trace on which a transfer is drawn: that of its connection, which carries one transfer after the other. A local port whose
/// connection has ended gives its track to the next, so that there are no more tracks than connections at once. A connection of HTTP/2 has as many tracks as
/// streams at once.
/// </summary>
internal sealed class TraceTracks
{
    /// <summary>Process identifiers, by which a viewer groups tracks.</summary>
    public const int Loops = 1, Connections = 2;

    /// <summary>Thread identifiers of connections begin here: a viewer may take equal ones of two processes for the same.</summary>
    private const int FirstConnection = 100_000;

    private readonly Dictionary<int, List<Track>> _byPort = [];

    private int _count;

    /// <summary>The thread identifier of a loop.</summary>
    public static int OfLoop(int number) => number + 1;

    /// <summary>Writes the members of an event that say where it is drawn.</summary>
    public static void Write(ref Utf8Line line, int pid, int tid)
    {
        line.Raw(",\"pid\":"u8);
        line.Number(pid);
        line.Raw(",\"tid\":"u8);
        line.Number(tid);
    }

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
            if (track.End <= start || (result.LocalPort > 0 && result.HttpVersion != "2" && track.IsOf(result)))
            {
                track.Take(result);
                return track;
            }
        }

        // Two connections to different servers may have the same local port at the same time.
        var added = new Track(FirstConnection + _count++, tracks.Count + 1);
        added.Take(result);
        tracks.Add(added);
        return added;
    }

    /// <summary>One track.</summary>
    /// <param name="number">Its thread identifier.</param>
    /// <param name="ofPort">Which one it is of those that its local port has, from 1 on.</param>
    internal sealed class Track(int number, int ofPort)
    {
        private string? _remoteIp;
        private int _remotePort;

        public int Number => number;

        public int OfPort => ofPort;

        /// <summary>When the last transfer on it ended.</summary>
        public long End { get; set; }

        /// <summary>Whether it has been given a name in the trace.</summary>
        public bool IsNamed { get; set; }

        public bool IsOf(FetchResult result) => _remotePort == result.RemotePort && _remoteIp == result.RemoteIp;

        public void Take(FetchResult result) => (_remoteIp, _remotePort) = (result.RemoteIp, result.RemotePort);
    }
}
