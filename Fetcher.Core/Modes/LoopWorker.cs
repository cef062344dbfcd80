using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>
/// Keeps the slots of one loop busy: a slot takes a URL, fetches it, hands its result over and takes the next, until the list ends. A slot
/// that finds the list empty for now, or the output full, rests until there is news.
/// </summary>
internal sealed class LoopWorker(FetchJob job, LoopServices services, string modeName, int slots)
{
    private readonly TaskCompletionSource _ended = new();
    private readonly Stack<Slot> _resting = new();
    private readonly Retries _retries = new(job.Options, services.Loop.TimeProvider, services.Draining);
    private int _busy;
    private bool _wakeUpAsked;
    private bool _listEnded;

    /// <summary>Ends when the list has ended and every transfer has its result.</summary>
    public async Task RunAsync()
    {
        // A list that has nothing just now would keep a run waiting that is to end.
        using var draining = services.Draining.Register(OnNews);
        Fill();
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Puts resting slots to work while there is work.</summary>
    private void Fill()
    {
        while (_busy < slots && !_ended.Task.IsCompleted)
        {
            if (!_resting.TryPop(out var slot))
            {
                slot = new Slot(job, services, _retries, modeName);
            }

            if (!TryTake(slot.Transfer.Item))
            {
                _resting.Push(slot);
                break;
            }

            _busy++;
            _ = WorkAsync(slot);
        }

        if (_busy == 0 && _listEnded)
        {
            _ended.TrySetResult();
        }
    }

    private async LoopTask WorkAsync(Slot slot)
    {
        job.CountInFlight(1);
        try
        {
            do
            {
                await slot.FetchAsync().ConfigureAwait(false);
                job.Sink.Add(slot.Transfer.Result);
            }
            while (TryTake(slot.Transfer.Item));
        }
        catch (Exception e)
        {
            // No failure of a URL comes this far: this is one of the program.
            _ended.TrySetException(e);
        }

        job.CountInFlight(-1);
        _busy--;
        _resting.Push(slot);
        Fill();
    }

    private bool TryTake(UrlItem item)
    {
        if (_listEnded || _wakeUpAsked)
        {
            return false;
        }

        if (job.IsDraining)
        {
            _listEnded = true;
            return false;
        }

        if (!job.Sink.HasRoom)
        {
            WakeUpWith(job.Sink.NotifyWhenRoom);
            return false;
        }

        switch (job.TryTake(item))
        {
            case TakeStatus.Taken:
                return true;
            case TakeStatus.Empty:
                WakeUpWith(job.Source.NotifyWhenReady);
                return false;
            default:
                _listEnded = true;
                return false;
        }
    }

    private void WakeUpWith(Action<Action> notifyWhenReady)
    {
        _wakeUpAsked = true;
        notifyWhenReady(() => services.Loop.Post(OnNews));
    }

    private void OnNews()
    {
        _wakeUpAsked = false;
        Fill();
    }

    private sealed class Slot(FetchJob job, LoopServices services, Retries retries, string modeName)
    {
        private readonly FetchPipeline _pipeline =
            new(job, new Http1RoundTripper(services), retries, modeName, services.Loop.Number);

        public Transfer Transfer { get; } = new(job.Options, job.NewFile(services.Loop.WaitForAsync));

        public LoopTask FetchAsync()
        {
            var now = services.Loop.GetTimestamp();
            return job.Starts.IsOpen ? _pipeline.FetchAsync(Transfer, now, now) : FetchInTurnAsync(job.Starts.TakePlace(now));
        }

        private async LoopTask FetchInTurnAsync(long due)
        {
            await WaitForTurnAsync(due).ConfigureAwait(false);
            await _pipeline.FetchAsync(Transfer, due, services.Loop.GetTimestamp()).ConfigureAwait(false);
        }

        private async ValueTask WaitForTurnAsync(long due)
        {
            try
            {
                await services.Loop.DelayUntilAsync(due, services.Draining).ConfigureAwait(false);
            }
            catch (OperationCanceledException)
            {
                // The URL has been taken from the list, so it goes on to its result, which will say that it was cancelled.
            }
        }
    }
}
