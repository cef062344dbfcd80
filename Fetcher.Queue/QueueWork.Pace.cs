using Fetcher.Core;

namespace Fetcher.Queue;

/// <content>Keeps to the job's own rate, which all machines share: a URL is handed out when its place has come.</content>
internal sealed partial class QueueWork
{
    /// <summary>Places are taken for about so long ahead.</summary>
    private static readonly TimeSpan PaceAhead = TimeSpan.FromMilliseconds(100);

    /// <summary>A place that was not used within this is gone, so that what waited does not start in a burst.</summary>
    private static readonly long PlaceHolds = Nanoseconds.From(TimeSpan.FromSeconds(1));

    /// <summary>When the next may start, in nanoseconds of the worker's clock.</summary>
    private readonly Queue<long> _places = new();

    private bool HasRate => _options.StartInterval > TimeSpan.Zero;

    private bool HasPlace => !HasRate || (_places.TryPeek(out var place) && place <= Now);

    private void TakePlace()
    {
        if (HasRate)
        {
            _places.Dequeue();
            _paceNow.Set();
        }
    }

    private async Task PaceAsync()
    {
        while (HasRate)
        {
            int count;
            var wait = ShortestPoll;
            lock (_gate)
            {
                while (_places.TryPeek(out var place) && place < Now - PlaceHolds)
                {
                    _places.Dequeue();
                }

                count = FirstReady() is null || _places.Count > 0 ? 0 : Math.Max(1, (int)(PaceAhead / _options.StartInterval));
            }

            if (count > 0)
            {
                var first = await _patience.AskAsync(() => _store.ReserveStartsAsync(count, _options.StartInterval), _stop.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    for (var place = 0; place < count; place++)
                    {
                        _places.Enqueue(Now + Nanoseconds.From(first) + (place * Nanoseconds.From(_options.StartInterval)));
                    }
                }
            }

            lock (_gate)
            {
                wait = _places.TryPeek(out var place) && place > Now ? Nanoseconds.ToTimeSpan(place - Now) : wait;
            }

            if (wait < TimeSpan.FromMilliseconds(1))
            {
                wait = TimeSpan.FromMilliseconds(1);
            }

            WakeAll();
            await _paceNow.WaitAsync(wait, _stop.Token).ConfigureAwait(false);
        }
    }
}
