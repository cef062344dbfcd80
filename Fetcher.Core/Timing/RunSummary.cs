using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Timing;

/// <summary>
/// Adds up the results of a run in fixed memory. Not safe for several threads: each loop may keep its own and <see cref="Merge"/> them at
/// the end.
/// </summary>
/// <remarks>
/// A failed URL counts only in the times it reached, and a line that is no URL in none: the zeros of what never happened would say
/// nothing about the network. robots.txt and stalls count only where there were any: most runs know neither.
/// </remarks>
internal sealed class RunSummary
{
    /// <summary>Stalled share of the transfers' time: from the first on the client is to blame, below the second it is not; between them neither is said.</summary>
    public const double MuchStalled = 0.2, LittleStalled = 0.05;

    /// <summary>A transfer that waited for its loop for less, in nanoseconds, was not kept from anything.</summary>
    private const long LeastStall = 1_000_000;

    private const int StatusLimit = 1000;

    private readonly Histogram[] _times = NewHistograms(TimeFields.Count);
    private readonly Histogram[] _phases = NewHistograms(PhaseDurations.Count);
    private readonly long[] _statuses = new long[StatusLimit];

    /// <summary>Results counted.</summary>
    public long Urls { get; private set; }

    /// <summary>Of them fetched.</summary>
    public long Ok => Urls - Failures.Total;

    /// <summary>Of them failed.</summary>
    public long Failed => Failures.Total;

    /// <summary>Of those fetched, what an earlier run had done; their times are not counted.</summary>
    public long Skipped { get; private set; }

    /// <summary>Requests were sent for so many: not for what an earlier run had done, nor for what ended before its turn came.</summary>
    public long Requested { get; private set; }

    /// <summary>URLs of the list that the run ended without beginning; null when the list was not read far enough to know.</summary>
    public long? NotStarted { get; set; } = 0;

    /// <summary>Failures by kind.</summary>
    public FailureLog Failures { get; } = new();

    /// <summary>When transfers started, and when they were due.</summary>
    public StartTimes Starts { get; } = new();

    /// <summary>The hosts with the slowest transfers.</summary>
    public SlowestHosts SlowestHosts { get; } = new();

    /// <summary>Body bytes as sent on the wire.</summary>
    public long BytesDownloaded { get; private set; }

    /// <summary>Body bytes as the user gets them.</summary>
    public long BytesBody { get; private set; }

    /// <summary>Connections opened.</summary>
    public long Connects { get; private set; }

    /// <summary>Redirects followed.</summary>
    public long Redirects { get; private set; }

    /// <summary>Attempts after the first.</summary>
    public long Retries { get; private set; }

    /// <summary>Time in which bytes had arrived and the client did not read them, summed over all URLs, in nanoseconds.</summary>
    public long ClientStall { get; private set; }

    /// <summary>How many transfers waited for their loop for a millisecond or more.</summary>
    public long Stalled { get; private set; }

    /// <summary><see cref="ClientStall"/> as a part of the transfers' time, from 0 to 1.</summary>
    public double StallShare => TimeOf(TimeField.Total).Sum is var total and > 0 ? Math.Min(1, ClientStall / total) : 0;

    /// <summary>What the run cost; all zero until <see cref="Finish"/>.</summary>
    public RunCost Cost { get; private set; } = RunCost.None;

    /// <summary>Where the time went; null when the run was not watched, and until <see cref="Finish"/>.</summary>
    public RunRecord? RunRecord { get; private set; }

    /// <summary>Results of this run's own requests, a second of wall time.</summary>
    public double RequestsPerSecond => PerSecond(Requested);

    /// <summary>Body bytes on the wire a second of wall time.</summary>
    public double BytesPerSecond => PerSecond(BytesDownloaded);

    /// <summary>The statuses that were answered last, with their numbers, in ascending order.</summary>
    public IEnumerable<(int Status, long Count)> Statuses
    {
        get
        {
            for (var status = 1; status < StatusLimit; status++)
            {
                if (_statuses[status] > 0)
                {
                    yield return (status, _statuses[status]);
                }
            }
        }
    }

    /// <summary>
    /// The phase that made the run long: waiting for the client's own loop, where that is much; else the one with the largest <see cref="ShareOf"/>. Null when
    /// no time was spent at all.
    /// </summary>
    public Phase? DominantPhase
    {
        get
        {
            var longest = Enum.GetValues<Phase>().MaxBy(phase => PhaseOf(phase).Sum);
            return StallShare >= MuchStalled ? Phase.Stall : PhaseOf(longest).Sum > 0 ? longest : null;
        }
    }

    /// <summary>How long transfers took from the moment they really started: without what they waited for a place, as <c>time_total</c> has it.</summary>
    public Histogram FromStart { get; } = new();

    /// <summary>The values of a time field.</summary>
    public Histogram TimeOf(TimeField field) => _times[(int)field];

    /// <summary>The durations of a phase.</summary>
    public Histogram PhaseOf(Phase phase) => _phases[(int)phase];

    /// <summary>The part of all transfers' summed time that went to <paramref name="phase"/>, from 0 to 1.</summary>
    public double ShareOf(Phase phase)
    {
        var total = _phases.Sum(histogram => histogram.Sum);
        return total > 0 ? PhaseOf(phase).Sum / total : 0;
    }

    /// <summary>Counts one result.</summary>
    public void Add(FetchResult result)
    {
        Urls++;
        BytesDownloaded += result.SizeDownload;
        BytesBody += result.SizeBody;
        Connects += result.NumConnects;
        Redirects += result.NumRedirects;
        Retries += Math.Max(0, result.Attempts - 1);
        Requested += result.Attempts > 0 ? 1 : 0;
        ClientStall += result.ClientStall;
        Stalled += result.ClientStall >= LeastStall ? 1 : 0;
        Starts.Add(result);
        if ((uint)result.Status < StatusLimit)
        {
            _statuses[result.Status]++;
        }

        if (result.Error is { } error)
        {
            Failures.Add(result, error);
        }

        if (result.Skipped)
        {
            Skipped++;
        }
        else if (result.Error?.Kind != FetchErrorKind.BadUrl)
        {
            SlowestHosts.Add(result);
            AddTimes(result);
        }
    }

    /// <summary>Adds everything <paramref name="other"/> has counted.</summary>
    public void Merge(RunSummary other)
    {
        Urls += other.Urls;
        Skipped += other.Skipped;
        Requested += other.Requested;
        BytesDownloaded += other.BytesDownloaded;
        BytesBody += other.BytesBody;
        Connects += other.Connects;
        Redirects += other.Redirects;
        Retries += other.Retries;
        ClientStall += other.ClientStall;
        Stalled += other.Stalled;
        FromStart.Merge(other.FromStart);
        Failures.Merge(other.Failures);
        Starts.Merge(other.Starts);
        SlowestHosts.Merge(other.SlowestHosts);
        for (var status = 0; status < StatusLimit; status++)
        {
            _statuses[status] += other._statuses[status];
        }

        for (var field = 0; field < _times.Length; field++)
        {
            _times[field].Merge(other._times[field]);
        }

        for (var phase = 0; phase < _phases.Length; phase++)
        {
            _phases[phase].Merge(other._phases[phase]);
        }
    }

    /// <summary>Closes the account: sets what the run cost, and where the time went if that was watched.</summary>
    public void Finish(RunCost cost, RunRecord? record = null) => (Cost, RunRecord) = (cost, record);

    private static Histogram[] NewHistograms(int count)
    {
        var histograms = new Histogram[count];
        for (var i = 0; i < count; i++)
        {
            histograms[i] = new Histogram();
        }

        return histograms;
    }

    private void AddTimes(FetchResult result)
    {
        // Of a failed URL, the times that it reached: those are not 0. The last first, which spares the others a look at how many there are.
        var ok = result.Ok;
        ReadOnlySpan<Histogram> times = _times, phases = _phases;
        times[(int)TimeField.Total].Record(result.TimeTotal, ok);
        times[(int)TimeField.StartTransfer].Record(result.TimeStartTransfer, ok);
        times[(int)TimeField.PreTransfer].Record(result.TimePreTransfer, ok);
        times[(int)TimeField.AppConnect].Record(result.TimeAppConnect, ok);
        times[(int)TimeField.Connect].Record(result.TimeConnect, ok);
        times[(int)TimeField.NameLookup].Record(result.TimeNameLookup, ok);
        times[(int)TimeField.Queue].Record(result.TimeQueue, ok);
        FromStart.Record(result.TimeTotal - result.TimeQueue, ok);

        var durations = PhaseDurations.Spent(result);
        phases[(int)Phase.Stall].Record(durations.Stall, countsZero: false);
        phases[(int)Phase.Receive].Record(durations.Receive, ok);
        phases[(int)Phase.Wait].Record(durations.Wait, ok);
        phases[(int)Phase.Tls].Record(durations.Tls, ok);
        phases[(int)Phase.Connect].Record(durations.Connect, ok);
        phases[(int)Phase.Dns].Record(durations.Dns, ok);
        phases[(int)Phase.Earlier].Record(durations.Earlier, ok);
        phases[(int)Phase.Robots].Record(durations.Robots, countsZero: false);
        phases[(int)Phase.Queue].Record(durations.Queue, ok);
    }

    private double PerSecond(long amount) => Cost.Wall > TimeSpan.Zero ? amount / Cost.Wall.TotalSeconds : 0;
}
