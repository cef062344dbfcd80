using Fetcher.Core.Http;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>A body of .NET's own client: ended by the exchange, counted run by run, and received no faster than asked for.</summary>
internal sealed class ClientBodyStream(Stream body, ClientExchange exchange, ReceivePace? pace, TimeProvider clock) : AsyncReadStream
{
    /// <summary>Told the length of each run; may throw to end the transfer.</summary>
    public Action<int>? OnRun { get; set; }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var most = buffer.Length;
        if (pace is not null)
        {
            most = Math.Min(most, pace.MostAtOnce);
            await WaitForPaceAsync(pace).ConfigureAwait(false);
        }

        var length = await body.ReadAsync(buffer[..most], exchange.Over).ConfigureAwait(false);
        pace?.Count(length, Nanoseconds.Now(clock));
        OnRun?.Invoke(length);
        return length;
    }

    private async ValueTask WaitForPaceAsync(ReceivePace pace)
    {
        var left = pace.DueAt - Nanoseconds.Now(clock);
        if (left > 0)
        {
            // The silence is ours meanwhile. Timers count whole milliseconds.
            exchange.OnPause();
            await Task.Delay(TimeSpan.FromMilliseconds((left + 999_999) / 1_000_000), clock, exchange.Over).ConfigureAwait(false);
            exchange.OnResume();
        }
    }
}
