using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Client;

/// <summary>The URLs that a program asks for one by one, as the work of a run that lasts: each waits for its outcome.</summary>
/// <param name="onOutcome">Is told of each, or null.</param>
internal sealed class CallQueue(Action<FetchOutcome>? onOutcome = null) : IWork
{
    private readonly Lock _gate = new();
    private readonly Queue<Call> _waiting = new();
    private readonly Queue<Action> _parked = new();
    private readonly Dictionary<long, Call> _underWay = [];
    private long _taken;

    public long? Total => null;

    /// <summary>They are in memory anyway.</summary>
    public int MostAhead => int.MaxValue;

    /// <summary>An outcome goes to whoever waits for it, so there is no room to run out of.</summary>
    public bool HasRoom => true;

    /// <summary>Why no call is taken any more, or null.</summary>
    public Exception? Ended { get; private set; }

    /// <summary>Adds a URL.</summary>
    /// <param name="request">The URL.</param>
    /// <param name="cancellation">Cancels it alone, whether it is under way or not.</param>
    /// <returns>Its outcome to come, or null when no call is taken any more.</returns>
    public Task<FetchOutcome>? TryAdd(FetchRequest request, CancellationToken cancellation)
    {
        var call = new Call(request, cancellation);
        Action? ready;
        lock (_gate)
        {
            if (Ended is not null)
            {
                return null;
            }

            _waiting.Enqueue(call);
            _parked.TryDequeue(out ready);
        }

        ready?.Invoke();
        return call.OutcomeAsync();
    }

    public TakeStatus TryTake(UrlItem item)
    {
        lock (_gate)
        {
            while (_waiting.TryDequeue(out var call))
            {
                if (call.Task.IsCompleted)
                {
                    // It was cancelled.
                    continue;
                }

                item.Index = _taken++;
                RequestFeed.Fill(item, call.Request);
                item.GiveUp = call.Cancellation;
                call.OnTaken();
                _underWay.Add(item.Index, call);
                return TakeStatus.Taken;
            }

            return Ended is null ? TakeStatus.Empty : TakeStatus.End;
        }
    }

    public void NotifyWhenReady(Action ready)
    {
        lock (_gate)
        {
            if (_waiting.Count == 0 && Ended is null)
            {
                _parked.Enqueue(ready);
                return;
            }
        }

        ready();
    }

    public void NotifyWhenRoom(Action ready) => ready();

    public void Complete(UrlItem item, FetchResult result) => Remove(item)?.End(result, onOutcome);

    public bool TryRelease(UrlItem item)
    {
        if (Remove(item) is not { } call)
        {
            return false;
        }

        lock (_gate)
        {
            _waiting.Enqueue(call);
        }

        return true;
    }

    /// <summary>Has a call's body read. A call that is cancelled meanwhile ends after its reader has.</summary>
    public async ValueTask ReadAsync(BodyReader reader, FetchBody body, CancellationToken cancellation)
    {
        Call? call;
        lock (_gate)
        {
            _underWay.TryGetValue(body.Index, out call);
        }

        if (call is null || !call.TryBeginRead())
        {
            throw new OperationCanceledException();
        }

        try
        {
            await reader(body, cancellation).ConfigureAwait(false);
        }
        finally
        {
            call.EndRead();
        }
    }

    /// <summary>No call is taken any more, and those that have no outcome fail.</summary>
    /// <param name="reason">With what.</param>
    public void End(Exception reason)
    {
        Call[] calls;
        Action[] parked;
        lock (_gate)
        {
            Ended ??= reason;
            calls = [.. _waiting, .. _underWay.Values];
            parked = [.. _parked];
            _waiting.Clear();
            _underWay.Clear();
            _parked.Clear();
        }

        Array.ForEach(calls, call => call.TrySetException(reason));
        Array.ForEach(parked, ready => ready());
    }

    private Call? Remove(UrlItem item)
    {
        lock (_gate)
        {
            return _underWay.Remove(item.Index, out var call) ? call : null;
        }
    }

    /// <summary>One URL and whoever waits for it.</summary>
    private sealed class Call(FetchRequest request, CancellationToken cancellation)
        : TaskCompletionSource<FetchOutcome>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        private readonly Lock _gate = new();
        private readonly long _askedAt = MonotonicClock.Now(TimeProvider.System);
        private long _takenAt;
        private bool _isRead;
        private bool _isCancelled;

        public FetchRequest Request => request;

        public CancellationToken Cancellation => cancellation;

        public async Task<FetchOutcome> OutcomeAsync()
        {
            using var cancelled = cancellation.UnsafeRegister(static call => ((Call)call!).Cancel(), this);
            return await Task.ConfigureAwait(false);
        }

        public void OnTaken() => _takenAt = MonotonicClock.Now(TimeProvider.System);

        /// <summary>Whether its body may still be read.</summary>
        public bool TryBeginRead()
        {
            lock (_gate)
            {
                return _isRead = !_isCancelled;
            }
        }

        public void EndRead()
        {
            lock (_gate)
            {
                _isRead = false;
                if (!_isCancelled)
                {
                    return;
                }
            }

            TrySetCanceled(cancellation);
        }

        public void End(FetchResult result, Action<FetchOutcome>? onOutcome)
        {
            if (cancellation.IsCancellationRequested)
            {
                TrySetCanceled(cancellation);
            }
            else
            {
                // The run may have begun long ago.
                result.Start = _takenAt - _askedAt;
                var outcome = new FetchOutcome(result);
                onOutcome?.Invoke(outcome);
                TrySetResult(outcome);
            }
        }

        private void Cancel()
        {
            lock (_gate)
            {
                _isCancelled = true;
                if (_isRead)
                {
                    return;
                }
            }

            TrySetCanceled(cancellation);
        }
    }
}
