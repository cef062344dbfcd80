using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Loop;

/// <summary>
/// Says what the loop does around the reads and writes of a stream, where code that is not ours runs: put before and behind a TLS stream or a decoder.
/// Only watched runs have any.
/// </summary>
/// <param name="inner">Whose reads and writes they are; disposed of with this.</param>
/// <param name="observer">Is told.</param>
/// <param name="within">What a read or a write is.</param>
/// <param name="after">What follows it.</param>
internal sealed class WatchedStream(Stream inner, LoopObserver observer, Activity within, Activity after) : DuplexStream
{
    /// <summary>Wraps a stream, such as a decoder in front of another stream, so that its own work is told from that of reading the other.</summary>
    /// <param name="observer">Is told.</param>
    /// <param name="activity">What the stream does.</param>
    /// <param name="source">The other.</param>
    /// <param name="make">Makes it.</param>
    public static Stream Around(LoopObserver observer, Activity activity, Stream source, Func<Stream, Stream> make) =>
        new WatchedStream(make(new WatchedStream(source, observer, Activity.Other, after: activity)), observer, activity, after: Activity.Other);

    public override bool CanRead => inner.CanRead;

    public override bool CanWrite => inner.CanWrite;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        observer.Enter(within);
        try
        {
            return await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            observer.Enter(after);
        }
    }

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        observer.Enter(within);
        try
        {
            await inner.WriteAsync(data, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            observer.Enter(after);
        }
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override void Flush() => inner.Flush();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
