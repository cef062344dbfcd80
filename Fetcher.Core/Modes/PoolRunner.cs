using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>Runs a job without a loop of its own: each slot is a task on .NET's thread pool.</summary>
internal static class PoolRunner
{
    /// <summary>Starts the slots and waits for them all.</summary>
    /// <param name="mode">Whose name the results carry.</param>
    /// <param name="job">What to fetch.</param>
    /// <param name="createRoundTripper">Makes what moves a slot's bytes.</param>
    public static Task RunAsync(IMode mode, FetchJob job, Func<IRoundTripper> createRoundTripper)
    {
        var retries = new Retries(job.Options, job.Clock, job.Drain);
        return Task.WhenAll(Enumerable.Range(0, job.Options.Concurrency).Select(_ => Task.Run(
            () => new Slot(job, new FetchPipeline(job, createRoundTripper(), retries, mode.Name, loopNumber: 0)).WorkAsync())));
    }

    /// <summary>Waits for a disk. What it was given to do always ends.</summary>
    private static async ValueTask<bool> WaitForAsync(Task elsewhere, long deadline)
    {
        await elsewhere.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return true;
    }

    private sealed class Slot(FetchJob job, FetchPipeline pipeline)
    {
        private readonly Transfer _transfer = new(job.Options, job.NewFile(WaitForAsync));

        /// <summary>Takes a URL, fetches it, hands its result over and takes the next, until the list ends or the run is stopped.</summary>
        public async Task WorkAsync()
        {
            while (await TakeAsync().ConfigureAwait(false))
            {
                job.CountInFlight(1);
                var due = await WaitForTurnAsync().ConfigureAwait(false);
                await pipeline.FetchAsync(_transfer, due, Nanoseconds.Now(job.Clock)).ConfigureAwait(false);
                job.Sink.Add(_transfer.Result);
                job.CountInFlight(-1);
            }
        }

        private async ValueTask<bool> TakeAsync()
        {
            while (!job.IsDraining)
            {
                if (!job.Sink.HasRoom)
                {
                    await NewsAsync(job.Sink.NotifyWhenRoom).ConfigureAwait(false);
                    continue;
                }

                switch (job.TryTake(_transfer.Item))
                {
                    case TakeStatus.Taken:
                        return true;
                    case TakeStatus.End:
                        return false;
                    default:
                        await NewsAsync(job.Source.NotifyWhenReady).ConfigureAwait(false);
                        break;
                }
            }

            return false;
        }

        private async Task NewsAsync(Action<Action> notifyWhenReady)
        {
            var news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            using var stopped = job.Drain.Register(() => news.TrySetResult());
            notifyWhenReady(() => news.TrySetResult());
            await news.Task.ConfigureAwait(false);
        }

        /// <summary>Waits until the rate allows a start, and gives the moment at which it did.</summary>
        private async ValueTask<long> WaitForTurnAsync()
        {
            var now = Nanoseconds.Now(job.Clock);
            if (job.Starts.IsOpen)
            {
                return now;
            }

            var due = job.Starts.TakePlace(now);
            if (due > now)
            {
                try
                {
                    // Timers count whole milliseconds; one too many is better than a start too early.
                    var pause = TimeSpan.FromMilliseconds((due - now + 999_999) / 1_000_000);
                    await Task.Delay(pause, job.Clock, job.Drain).ConfigureAwait(false);
                }
                catch (OperationCanceledException)
                {
                    // The URL has been taken from the list, so it goes on to its result, which will say that it was cancelled.
                }
            }

            return due;
        }
    }
}
