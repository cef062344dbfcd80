using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>
/// A transport whose requests keep to the rates of their hosts. Each waits twice: before a connection is taken or opened, and before it is written, since one
/// whose connection took its time would else be followed at once by one whose connection did not.
/// </summary>
/// <param name="inner">The transport.</param>
/// <param name="turns">What they wait for.</param>
/// <param name="opensFirst">Whether the connection is there once an exchange is; if not, the transport itself has them wait on it.</param>
internal sealed class PacedTransport(ITransport inner, HostTurns turns, bool opensFirst) : ITransport
{
    public async LoopTask<Lease> OpenAsync(HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh)
    {
        await turns.BeginAsync(url, limits).ConfigureAwait(false);
        var lease = await inner.OpenAsync(url, limits, facts, fresh).ConfigureAwait(false);
        if (opensFirst)
        {
            try
            {
                await turns.WriteAsync(url, limits).ConfigureAwait(false);
            }
            catch
            {
                lease.Exchange.End();
                throw;
            }
        }

        return lease;
    }
}
