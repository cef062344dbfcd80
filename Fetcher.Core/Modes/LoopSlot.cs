using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Modes;

/// <summary>One transfer after the other on a loop.</summary>
internal sealed class LoopSlot : ISlot
{
    private readonly FetchJob _job;
    private readonly LoopServices _services;
    private readonly LoopWorker _worker;
    private readonly FetchPipeline _pipeline;

    public LoopSlot(FetchJob job, LoopServices services, Retries retries, string modeName, LoopWorker worker)
    {
        (_job, _services, _worker) = (job, services, worker);
        _pipeline = new FetchPipeline(job, new Http1RoundTripper(services), this, retries, modeName, services.Loop.Number)
        {
            Watch = services.Loop.Observer?.NewTransfer(),
        };
        Transfer = new Transfer(job.Options, job.NewFile(services.Loop.WaitForAsync), job.Targets?.Create(services.Loop.WaitForAsync));
    }

    public Transfer Transfer { get; }

    /// <summary>When the next transfer is to start, in nanoseconds of the loop's clock; 0 is now.</summary>
    public long Due { get; set; }

    public LoopTask FetchAsync()
    {
        if (_job.Starts.IsOpen && Due == 0)
        {
            var now = _services.Loop.GetTimestamp();
            return _pipeline.FetchAsync(Transfer, now, now);
        }

        var due = Due > 0 ? Due : _services.Loop.GetTimestamp();
        Due = 0;
        return FetchInTurnAsync(_job.Starts.IsOpen ? due : _job.Starts.TakePlace(due));
    }

    public bool TryPause() => _worker.TryPause();

    public ValueTask ResumeAsync() => _worker.ResumeAsync();

    public void ResumeToEnd() => _worker.ResumeToEnd();

    private async LoopTask FetchInTurnAsync(long due)
    {
        await WaitForTurnAsync(due).ConfigureAwait(false);
        await _pipeline.FetchAsync(Transfer, due, _services.Loop.GetTimestamp()).ConfigureAwait(false);
    }

    private async ValueTask WaitForTurnAsync(long due)
    {
        try
        {
            await _services.Loop.DelayUntilAsync(due, _services.Draining).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The URL has been taken from the list, so it goes on to its result, which will say that it was cancelled.
        }
    }
}
