namespace Fetcher.Core.Fetch;

/// <summary>
/// Results that wait for the end of the loop's turn, to be handed over together. The code that reports a result is as large as a third of what a URL runs
/// through: URL after URL they would drive each other out of the processor's cache of instructions (bench/NOTES.md). Whoever has a result gets
/// another in exchange, and goes on with the next URL. One a loop.
/// </summary>
internal sealed class ResultBatch
{
    /// <summary>So many are handed over before the turn has ended, since what they name is to be still in the cache of data.</summary>
    private const int Most = 32;

    private readonly IWork _work;
    private readonly FinishedUrl[] _finished = new FinishedUrl[Most];
    private int _count;

    private ResultBatch(IWork work) => _work = work;

    /// <summary>A batch for a loop; null where a result is to be handed over before the next URL begins.</summary>
    /// <param name="job">The run.</param>
    /// <param name="blocks">Whether the loop's thread blocks in the middle of a turn: a result would wait as long.</param>
    public static ResultBatch? For(FetchJob job, bool blocks) =>
        blocks || job.Options.Stalls || job.Options.CpuBurst > TimeSpan.Zero || job.Targets is not null ? null : new ResultBatch(job.Work);

    /// <summary>Takes the line and the result of a transfer that has ended.</summary>
    public void Add(Transfer transfer)
    {
        ref var place = ref _finished[_count++];
        place = transfer.Exchange(place.Item, place.Result);
        if (_count == Most)
        {
            HandOver();
        }
    }

    /// <summary>Hands over what has gathered, in the order in which it ended.</summary>
    public void HandOver()
    {
        if (_count == 0)
        {
            return;
        }

        var finished = _finished.AsSpan(0, _count);
        _count = 0;
        _work.Complete(finished);
    }
}
