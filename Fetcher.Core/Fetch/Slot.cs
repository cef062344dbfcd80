using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>Fetches a transfer's URL and fills in its result. No failure of the URL leaves it as an exception.</summary>
/// <param name="transfer">The slot's transfer, with its next item.</param>
/// <param name="dueAt">When the transfer was due, in nanoseconds of the run's clock.</param>
/// <param name="startedAt">When its slot took it up, likewise.</param>
/// <param name="isToBegin">False when the run drained while the URL waited for its turn: its result says that it was cancelled.</param>
internal delegate LoopTask FetchUrl(Transfer transfer, long dueAt, long startedAt, bool isToBegin);

/// <summary>One transfer after the other.</summary>
internal sealed class Slot
{
    /// <summary>As <see cref="Due"/>: the run drained while the URL waited for its host, and it is not to start.</summary>
    public const long Never = long.MaxValue;

    private readonly FetchJob _job;
    private readonly IExecutor _executor;
    private readonly Slots _slots;
    private readonly FetchUrl _fetch;

    /// <param name="job">What to fetch.</param>
    /// <param name="executor">Where the transfers run.</param>
    /// <param name="slots">All of them.</param>
    /// <param name="fetch">Fetches its URLs.</param>
    public Slot(FetchJob job, IExecutor executor, Slots slots, FetchUrl fetch)
    {
        (_job, _executor, _slots, _fetch) = (job, executor, slots, fetch);
        Transfer = new Transfer(job.Options, job.NewFile(executor.WaitForAsync), job.Targets?.Create(executor.WaitForAsync))
        {
            Hsts = job.Hsts,
            Watch = executor.Observer?.NewTransfer(),
        };
        Work = Begin;
    }

    public Transfer Transfer { get; }

    /// <summary>Fetches the URL that the transfer has, and goes on with the next.</summary>
    public Action Work { get; }

    /// <summary>When the next transfer is to start, in nanoseconds of the clock; 0 is now, or <see cref="Never"/>.</summary>
    public long Due { get; set; }

    public LoopTask FetchAsync()
    {
        var now = _executor.GetTimestamp();
        if (_job.Starts.IsOpen && Due == 0)
        {
            return _fetch(Transfer, now, now, isToBegin: true);
        }

        var due = Due;
        Due = 0;
        return due == Never ? _fetch(Transfer, now, now, isToBegin: false) : FetchInTurnAsync(_job.Starts.IsOpen ? due : _job.Starts.TakePlace(now, due));
    }

    private void Begin() => _ = _slots.WorkAsync(this);

    /// <param name="due">When to start; with <c>--rate</c>, the place in its schedule.</param>
    private async LoopTask FetchInTurnAsync(long due)
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
                for (var place = due; !_job.Starts.TryStart(place, _executor.GetTimestamp(), out due);)
                {
                    await _executor.DelayUntilAsync(due, _slots.Draining).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The URL has been taken from the list, so it goes on to its result.
            isToBegin = false;
        }

        // A transfer that is given up before its turn was due when it was given up: no time of it is negative.
        var now = _executor.GetTimestamp();
        await _fetch(Transfer, Math.Min(due, now), now, isToBegin).ConfigureAwait(false);
    }
}
