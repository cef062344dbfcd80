using System.Collections.Concurrent;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch.Bodies;

/// <summary>Reads a body while it is being received.</summary>
internal delegate ValueTask BodyReader(FetchBody body, CancellationToken cancellation);

/// <summary>Makes the targets of a run's slots. Safe for several loops.</summary>
/// <param name="reader">Reads the bodies; null when they are kept in memory.</param>
/// <param name="stop">Cancelled when the run is to stop.</param>
internal sealed class BodyTargets(BodyReader? reader, CancellationToken stop)
{
    private readonly ConcurrentBag<Task> _abandoned = [];

    public CancellationToken Stop { get; } = stop;

    public IBodyTarget Create(WaitElsewhere wait) => reader is null ? new MemoryBody() : new PipedBody(reader, this, wait);

    /// <summary>Notes a reader that was told to end, and that nobody waits for until the run ends.</summary>
    public void Abandon(Task reading) => _abandoned.Add(reading);

    /// <summary>Waits for the readers that were told to end. How they end is of no interest: their bodies have failed by then.</summary>
    public async Task CloseAsync()
    {
        while (_abandoned.TryTake(out var reading))
        {
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
