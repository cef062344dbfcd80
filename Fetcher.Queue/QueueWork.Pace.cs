using Fetcher.Core;
using Fetcher.Core.Hosts;

namespace Fetcher.Queue;

/// <content>Keeps to the job's own rate, which all machines share: a URL is handed out when its place has come.</content>
internal sealed partial class QueueWork
{
    /// <summary>Places are taken for about so long ahead.</summary>
    private static readonly TimeSpan PaceAhead = TimeSpan.FromMilliseconds(100);

    /// <summary>A place that was not used within this, or a quarter of the interval, is gone, so that what waited does not start in a burst.</summary>
    private static readonly TimeSpan PlaceHolds = TimeSpan.FromMilliseconds(10);

    /// <summary>When the next may start, in nanoseconds of the worker's clock.</summary>
    private readonly Queue<long> _places = new();

    /// <summary>When the last was used.</summary>
    private long _lastPlaceAt = HostQueue.LongAgo;

    private bool HasRate => _options.StartInterval > TimeSpan.Zero;

    /// <summary>Somewhat more than was asked, as on one machine.</summary>
    private TimeSpan PaceInterval => Nanoseconds.ToTimeSpan(StartSpacing.IntervalFor(Nanoseconds.From(_options.StartInterval)));

    private bool HasPlace => !HasRate || (_places.TryPeek(out var place) && place <= Now);

    private void TakePlace()
    {
        if (HasRate)
        {
            _places.Dequeue();
            _lastPlaceAt = Now;
            _paceNow.Set();
        }
    }

    private void DropOldPlaces()
    {
        var oldest = Now - Nanoseconds.From(_options.StartInterval / 4 > PlaceHolds ? _options.StartInterval / 4 : PlaceHolds);
        while (_places.TryPeek(out var place) && place < oldest)
        {
            _places.Dequeue();
        }
    }

    private async Task PaceAsync()
    {
        while (HasRate)
        {
            int count;
            TimeSpan since;
            var wait = ShortestPoll;
            lock (_gate)
            {
                // Only for somebody who would use them now: another machine may have a free slot.
                DropOldPlaces();
                count = FirstReady() is null || _waiting.Count == 0 || _places.Count > 0 ? 0 : Math.Max(1, (int)(PaceAhead / _options.StartInterval));
                since = Nanoseconds.ToTimeSpan(Now - _lastPlaceAt);
            }

            if (count > 0)
            {
                var first = await _patience.AskAsync(() => _store.ReserveStartsAsync(count, PaceInterval, since), _stop.Token).ConfigureAwait(false);
                lock (_gate)
                {
                    for (var place = 0; place < count; place++)
                    {
                        _places.Enqueue(Now + Nanoseconds.From(first) + (place * Nanoseconds.From(PaceInterval)));
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
