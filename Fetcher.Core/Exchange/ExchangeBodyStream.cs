using Fetcher.Core.Http;

namespace Fetcher.Core.Exchange;

/// <summary>An exchange's body as a stream, for decoders that pull. On a loop, awaiting it stays on the loop's thread.</summary>
/// <param name="exchange">Whose header section has been read.</param>
/// <param name="onRun">Told the length of each run before it is handed on; may throw to end the transfer.</param>
internal sealed class ExchangeBodyStream(IExchange exchange, Action<int> onRun) : AsyncReadStream
{
    private ReadOnlyMemory<byte> _run;
    private bool _isKept;

    /// <summary>Copies what is lent, before a wait during which others receive.</summary>
    public void Keep()
    {
        if (!_isKept)
        {
            _isKept = true;
            _run = _run.ToArray();
            exchange.Keep();
        }
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_run.IsEmpty)
        {
            if (await exchange.ReadAsync().ConfigureAwait(false) == 0)
            {
                return 0;
            }

            _run = exchange.Body;
            _isKept = false;
            onRun(_run.Length);
        }

        var length = Math.Min(buffer.Length, _run.Length);
        _run.Span[..length].CopyTo(buffer.Span);
        _run = _run[length..];
        return length;
    }
}
