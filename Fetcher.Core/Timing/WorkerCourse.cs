namespace Fetcher.Core.Timing;

/// <summary>
/// What each worker of a shared job did when: transfers in flight, in steps of one time line, in memory that grows with the workers alone. When a job outgrows
/// the steps, each becomes twice as long.
/// </summary>
internal sealed class WorkerCourse
{
    /// <summary>Steps at most.</summary>
    public const int Most = 200;

    private const long FirstStep = 1_000_000;

    private readonly Dictionary<string, Lane> _lanes = [];

    /// <summary>Length of a step, in nanoseconds.</summary>
    public long Step { get; private set; } = FirstStep;

    /// <summary>When the last transfer ended, in nanoseconds from the beginning of the job.</summary>
    public long End { get; private set; }

    /// <summary>The workers, in the order in which they began.</summary>
    public IReadOnlyList<Lane> Lanes => [.. _lanes.Values.OrderBy(lane => lane.From).ThenBy(lane => lane.Name, StringComparer.Ordinal)];

    /// <summary>Looks at one result; one without a worker counts for nothing.</summary>
    public void Add(FetchResult result)
    {
        if (result.Worker is not { } name)
        {
            return;
        }

        if (!_lanes.TryGetValue(name, out var lane))
        {
            _lanes[name] = lane = new Lane(name);
        }

        var (from, to) = (Math.Max(0, result.Start + result.TimeQueue), Math.Max(0, result.Start + result.TimeTotal));
        End = Math.Max(End, to);
        while (End >= Most * Step)
        {
            foreach (var each in _lanes.Values)
            {
                each.Fold();
            }

            Step *= 2;
        }

        lane.Add(from, to, Step, result.Ok);
    }

    /// <summary>A worker's part.</summary>
    public sealed class Lane(string name)
    {
        private readonly long[] _busy = new long[Most], _failed = new long[Most];

        public string Name => name;

        /// <summary>URLs that it fetched or failed to fetch.</summary>
        public long Count { get; private set; }

        public long Failed { get; private set; }

        /// <summary>When its first transfer began and its last ended, in nanoseconds.</summary>
        public long From { get; private set; } = long.MaxValue;

        /// <inheritdoc cref="From"/>
        public long To { get; private set; }

        /// <summary>For each step, the time of all transfers in it together, in nanoseconds.</summary>
        public IReadOnlyList<long> Busy => _busy;

        /// <summary>For each step, the URLs that failed in it.</summary>
        public IReadOnlyList<long> FailedIn => _failed;

        internal void Add(long from, long to, long step, bool ok)
        {
            (From, To, Count) = (Math.Min(From, from), Math.Max(To, to), Count + 1);
            for (var place = from / step; place * step < to; place++)
            {
                _busy[place] += Math.Min(to, (place + 1) * step) - Math.Max(from, place * step);
            }

            if (!ok)
            {
                Failed++;
                _failed[Math.Max(0, to - 1) / step]++;
            }
        }

        internal void Fold()
        {
            Fold(_busy);
            Fold(_failed);
        }

        private static void Fold(long[] values)
        {
            for (var i = 0; i < Most; i++)
            {
                values[i] = i < Most / 2 ? values[2 * i] + values[(2 * i) + 1] : 0;
            }
        }
    }
}
