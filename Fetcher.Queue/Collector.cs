using Fetcher.Core;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Queue;

/// <summary>
/// Takes the results of a job and hands each to the reports once. With a journal, what was taken is on the disk before it leaves the store, so that a
/// collector that was killed goes on where it was; its lines are those of <see cref="ResultLine"/>.
/// </summary>
/// <param name="store">Where from.</param>
/// <param name="patience">Asks the store.</param>
/// <param name="sink">Where to.</param>
internal sealed class Collector(ILeaseStore store, Patience patience, IResultSink sink)
{
    private const int BatchesAtOnce = 64;

    private static readonly TimeSpan ShortestPoll = TimeSpan.FromMilliseconds(10), LongestPoll = TimeSpan.FromMilliseconds(250);

    /// <summary>Another collector that was not heard of again within this is dead.</summary>
    private static readonly TimeSpan Wake = Leases.OfCollector * 1.2;

    private readonly string _name = Guid.NewGuid().ToString("N");
    private readonly IndexSet _seen = new();
    private readonly FetchResult _result = new();

    /// <summary>How far the job was when it was looked at last, or null.</summary>
    public JobState? State { get; private set; }

    /// <summary>When the last transfer ended, in nanoseconds from when the first worker began.</summary>
    public long LastEnd { get; private set; }

    /// <summary>Results that were handed on.</summary>
    public long Count => _seen.Count;

    /// <summary>Collects until the job is finished.</summary>
    /// <param name="journal">Where results are kept, or null.</param>
    /// <param name="earlier">Where the lines of the journal begin that were there before.</param>
    /// <param name="stop">Ends it before; what was taken has been handed on.</param>
    /// <exception cref="IOException">The queue is lost, the job is gone or broken, the journal cannot be written, or another collector is at work.</exception>
    public async Task RunAsync(JournalFile? journal, IReadOnlyList<long> earlier, CancellationToken stop)
    {
        foreach (var offset in earlier)
        {
            if (ResultLine.TryRead(journal!.ReadLine(offset), _result) && _seen.Add(_result.Index))
            {
                await HandOnAsync(_result, stop).ConfigureAwait(false);
            }
        }

        try
        {
            await CollectAsync(journal, stop).ConfigureAwait(false);
        }
        catch (InvalidDataException e)
        {
            throw new JobBrokenException(e);
        }
        finally
        {
            if (patience.IsAnswered && State is not null)
            {
                await EndAsync().ConfigureAwait(false);
            }
        }
    }

    private async Task CollectAsync(JournalFile? journal, CancellationToken stop)
    {
        var position = "";
        for (var poll = ShortestPoll; ;)
        {
            var page = await ReadAsync(position, stop).ConfigureAwait(false);
            State = page.State;
            if (page.Batches.Count > 0)
            {
                position = page.Batches[^1].Position;
                await TakeAsync(page, position, journal, stop).ConfigureAwait(false);
                poll = ShortestPoll;
                continue;
            }

            if (State.IsFinished)
            {
                return;
            }

            if (State.IsBroken)
            {
                throw new IOException($"the engine has lost part of the job: of {State.Total} URLs, {State.Done} have a result and {State.Left} are left");
            }

            await Task.Delay(poll, stop).ConfigureAwait(false);
            poll = poll * 2 < LongestPoll ? poll * 2 : LongestPoll;
        }
    }

    /// <summary>Reads on. A collector that was killed a moment ago seems to be at work still, so it is waited for first.</summary>
    private async Task<ResultPage> ReadAsync(string position, CancellationToken stop)
    {
        for (var waited = TimeSpan.Zero; ; waited += LongestPoll)
        {
            try
            {
                return await patience.AskAsync(() => store.ReadResultsAsync(_name, position, BatchesAtOnce), stop).ConfigureAwait(false);
            }
            catch (CollectorBusyException) when (State is null && waited < Wake)
            {
                await Task.Delay(LongestPoll, stop).ConfigureAwait(false);
            }
        }
    }

    private async Task TakeAsync(ResultPage page, string position, JournalFile? journal, CancellationToken stop)
    {
        var fresh = page.Batches.SelectMany(batch => ResultPack.Read(batch.Packed, _result)).Where(result => _seen.Add(result.Index));
        if (journal is null)
        {
            await HandOnAsync(fresh, CancellationToken.None).ConfigureAwait(false);
            await patience.AskAsync(() => store.TrimAsync(position, Count), stop).ConfigureAwait(false);
            return;
        }

        // On the disk first. From then on they are this collector's, so that they are handed on whatever comes.
        var lines = new LineBuffer();
        using (var line = new ResultLine())
        {
            foreach (var result in fresh)
            {
                line.Write(lines, result);
            }
        }

        journal.Append(lines.Written);
        await patience.AskAsync(() => store.TrimAsync(position, Count), stop).ConfigureAwait(false);
        await HandOnAsync(ResultLines.ReadLines(lines.WrittenMemory, _result), CancellationToken.None).ConfigureAwait(false);
    }

    private async Task HandOnAsync(IEnumerable<FetchResult> results, CancellationToken stop)
    {
        foreach (var result in results)
        {
            await HandOnAsync(result, stop).ConfigureAwait(false);
        }
    }

    private async Task HandOnAsync(FetchResult result, CancellationToken stop)
    {
        while (!sink.HasRoom)
        {
            var room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            sink.NotifyWhenRoom(() => room.TrySetResult());
            await room.Task.WaitAsync(stop).ConfigureAwait(false);
        }

        LastEnd = Math.Max(LastEnd, result.Start + result.TimeTotal);
        sink.Add(result);
    }

    /// <summary>Lets another collector begin at once. Should it not be heard, that one waits for a few seconds.</summary>
    private async Task EndAsync()
    {
        try
        {
            await store.EndCollectAsync(_name).ConfigureAwait(false);
        }
        catch (IOException)
        {
            // The job is gone or the store does not answer: then nobody holds anything.
        }
    }
}
