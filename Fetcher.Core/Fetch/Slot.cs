using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>Fetches a slot's URL and the next ones, as long as the slot has one, and fills in their results. No failure of a URL leaves it as an exception.</summary>
internal delegate LoopTask FetchUrls(ISlot slot);

/// <inheritdoc cref="ISlot"/>
internal sealed class Slot : ISlot
{
    /// <summary>As <see cref="Due"/>: the run drained while the URL waited for its host, and it is not to start.</summary>
    public const long Never = long.MaxValue;

    private readonly FetchJob _job;
    private readonly IExecutor _executor;
    private readonly Slots _slots;

    /// <param name="job">What to fetch.</param>
    /// <param name="executor">Where the transfers run.</param>
    /// <param name="slots">All of them.</param>
    public Slot(FetchJob job, IExecutor executor, Slots slots)
    {
        (_job, _executor, _slots) = (job, executor, slots);
        Transfer = new Transfer(job.Options, job.NewFile(executor), job.Targets?.Create(executor.WaitForAsync))
        {
            Hsts = job.Hsts,
            Watch = executor.Observer?.NewTransfer(),
        };
        Work = Begin;
    }

    public Transfer Transfer { get; }

    /// <summary>Fetches the URL that the transfer has, and the next ones.</summary>
    public Action Work { get; }

    /// <summary>When the next transfer is to start, in nanoseconds of the clock; 0 is now, or <see cref="Never"/>.</summary>
    public long Due { get; set; }

    public LoopTask<TransferStart> StartAsync()
    {
        var now = _executor.GetTimestamp();
        if (_job.Starts.IsOpen && Due == 0)
        {
            return new LoopTask<TransferStart>(new TransferStart(now, now, IsToBegin: true));
        }

        var due = Due;
        Due = 0;
        return due == Never
            ? new LoopTask<TransferStart>(new TransferStart(now, now, IsToBegin: false))
            : StartInTurnAsync(_job.Starts.IsOpen ? due : _job.Starts.TakePlace(now, due));
    }

    public bool Next()
    {
        var ok = Transfer.Result.Ok;
        _slots.HandOver(Transfer);
        _job.Scheduler.Leave(Transfer.Place, ok);
        return _slots.TryGoOn(this);
    }

    private void Begin() => _ = _slots.WorkAsync(this);

    /// <param name="due">When to start; with <c>--rate</c>, the place in its schedule.</param>
    private async LoopTask<TransferStart> StartInTurnAsync(long due)
    {
        var isToBegin = true;
        try
        {
            if (_job.Starts.IsOpen)
            {
                await _executor.DelayUntilAsync(due, _slots.Draining).ConfigureAwait(false);
            }
            else
            {
                due = await _job.Starts.WaitForTurnAsync(place: due, _executor, deadline: long.MaxValue, _slots.Draining).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The URL has been taken from the list, so it goes on to its result.
            isToBegin = false;
        }

        // A transfer that is given up before its turn was due when it was given up: no time of it is negative.
        var now = _executor.GetTimestamp();
        return new TransferStart(Math.Min(due, now), now, isToBegin);
    }
}
