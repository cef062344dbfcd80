using System.Collections.Concurrent;
using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>
/// The places that slots on the thread pool share: a slot works only while it has one. A transfer that pauses leaves its place to one slot more, and when
/// it goes on a slot less works.
/// </summary>
internal sealed class PoolPlaces(FetchJob job, Func<PoolPlaces, PoolSlot> createSlot) : IDisposable
{
    private readonly ConcurrentBag<PoolSlot> _resting = [];
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _free = new(0);
    private int _working = 1;
    private int _tooMany;

    /// <summary>Puts <paramref name="count"/> slots to work; ends when all have.</summary>
    public async Task RunAsync(int count)
    {
        _free.Release(count);
        for (var i = 0; i < count; i++)
        {
            StartSlot();
        }

        OnSlotEnd();
        await _ended.Task.ConfigureAwait(false);
    }

    /// <summary>Waits for a place.</summary>
    public Task EnterAsync() => _free.WaitAsync();

    /// <summary>Gives a place back.</summary>
    public void Leave() => _free.Release();

    /// <summary>Whether the slot that asks is one too many and is to end.</summary>
    public bool TryEnd()
    {
        for (var seen = Volatile.Read(ref _tooMany); seen > 0; seen = Volatile.Read(ref _tooMany))
        {
            if (Interlocked.CompareExchange(ref _tooMany, seen - 1, seen) == seen)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A transfer leaves its place to one more slot.</summary>
    public bool TryPause()
    {
        if (job.IsDraining || !job.Pauses.TryBegin())
        {
            return false;
        }

        job.CountInFlight(-1);
        Leave();
        StartSlot();
        return true;
    }

    /// <summary>A paused transfer goes on: waits for a place.</summary>
    public async ValueTask ResumeAsync()
    {
        Interlocked.Increment(ref _tooMany);
        await EnterAsync().ConfigureAwait(false);
        EndPause();
    }

    /// <summary>A paused transfer ends, without a place.</summary>
    public void EndPause()
    {
        job.Pauses.End();
        job.CountInFlight(1);
    }

    public void Dispose() => _free.Dispose();

    private void StartSlot()
    {
        Interlocked.Increment(ref _working);
        _ = Task.Run(async () =>
        {
            try
            {
                var slot = _resting.TryTake(out var rested) ? rested : createSlot(this);
                await slot.WorkAsync().ConfigureAwait(false);
                _resting.Add(slot);
            }
            catch (Exception e)
            {
                // No failure of a URL comes this far: this is one of the program.
                _ended.TrySetException(e);
            }

            OnSlotEnd();
        });
    }

    private void OnSlotEnd()
    {
        if (Interlocked.Decrement(ref _working) == 0)
        {
            _ended.TrySetResult();
        }
    }
}
