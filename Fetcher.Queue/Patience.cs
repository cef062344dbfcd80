using System.Globalization;

namespace Fetcher.Queue;

/// <summary>The store did not answer for as long as it was to be waited for.</summary>
internal sealed class QueueLostException(string message) : IOException(message);

/// <summary>Asks a store again when it did not answer, with growing pauses, and tells so once each time.</summary>
/// <param name="most">How long a silence may last.</param>
/// <param name="clock">Tells how long it lasts.</param>
/// <param name="warn">Told of a silence, in one sentence.</param>
internal sealed class Patience(TimeSpan most, TimeProvider clock, Action<string> warn)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(50), LongestPause = TimeSpan.FromSeconds(1), PauseWhenFull = TimeSpan.FromMilliseconds(200);

    private readonly Lock _gate = new();
    private long? _silentSince;
    private bool _wasFull;

    /// <summary>Whether the last that was asked has been answered.</summary>
    public bool IsAnswered => _silentSince is null;

    public async Task AskAsync(Func<Task> ask, CancellationToken stop) => await AskAsync(
        async () =>
        {
            await ask().ConfigureAwait(false);
            return true;
        },
        stop).ConfigureAwait(false);

    /// <exception cref="QueueLostException">The silence lasts too long.</exception>
    /// <exception cref="JobGoneException">The job is gone.</exception>
    public async Task<T> AskAsync<T>(Func<Task<T>> ask, CancellationToken stop)
    {
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                var answer = await ask().ConfigureAwait(false);
                lock (_gate)
                {
                    _silentSince = null;
                }

                return answer;
            }
            catch (StoreFullException e)
            {
                pause = PauseWhenFull;
                Tell(ref _wasFull, $"the queue is full: {e.Message}; waiting until there is room");
            }
            catch (StoreException e)
            {
                NoteSilence(e);
            }

            await Task.Delay(pause * (0.5 + Random.Shared.NextDouble()), clock, stop).ConfigureAwait(false);
        }
    }

    private void NoteSilence(StoreException e)
    {
        lock (_gate)
        {
            if (_silentSince is not { } since)
            {
                _silentSince = clock.GetTimestamp();
                warn(string.Create(CultureInfo.InvariantCulture, $"the queue is lost: {e.Message}; waiting for it, {most.TotalSeconds:0.###} s at most"));
            }
            else if (clock.GetElapsedTime(since) >= most)
            {
                throw new QueueLostException(string.Create(CultureInfo.InvariantCulture, $"the queue did not come back within {most.TotalSeconds:0.###} s (--queue-timeout)"));
            }
        }
    }

    private void Tell(ref bool told, string sentence)
    {
        if (!told)
        {
            told = true;
            warn(sentence);
        }
    }
}
