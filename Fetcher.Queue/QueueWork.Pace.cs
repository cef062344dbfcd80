namespace Fetcher.Queue;

/// <content>Keeps to the job's own rate, which all machines share: a URL is handed out when its place has come.</content>
internal sealed partial class QueueWork
{
    /// <summary>Timers are not finer.</summary>
    private static readonly TimeSpan ShortestWait = TimeSpan.FromMilliseconds(1);

    private async Task PaceAsync()
    {
        while (!_pace.IsOpen)
        {
            Func<Task<TimeSpan>>? ask;
            lock (_gate)
            {
                // Only for somebody who would use them now: another machine may have a free slot.
                ask = FirstReady() is not null && _waiting.Count > 0 && _pace.IsToAsk(Now) ? _pace.Ask(_store, Now) : null;
            }

            if (ask is not null)
            {
                var first = await _patience.AskAsync(ask, _stop.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    _pace.Hear(first, Now);
                }
            }

            TimeSpan wait;
            bool canTake;
            lock (_gate)
            {
                wait = _pace.Wait(Now, ShortestPoll);
                canTake = CanStart && FirstReady() is not null;
            }

            if (canTake)
            {
                WakeAll();
            }

            await _paceNow.WaitAsync(wait > ShortestWait ? wait : ShortestWait, _stop.Token).ConfigureAwait(false);
        }
    }
}
