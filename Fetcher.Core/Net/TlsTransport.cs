using System.Runtime.CompilerServices;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// What TLS is spoken over. It sees the difference that TLS does not tell: whether the peer said that it had sent everything (close_notify), or the
/// connection just ended (RFC 8446, section 6.1). After close_notify nobody reads on, so who has read the end has not got one.
/// </summary>
/// <param name="inner">The socket, or the tunnel of a proxy; disposed of with this.</param>
internal sealed class TlsTransport(Stream inner) : DuplexStream
{
    /// <summary>Whether the connection ended under TLS, which had not been closed.</summary>
    public bool HasBrokenOff { get; private set; }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var length = await inner.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        HasBrokenOff |= length == 0 && !buffer.IsEmpty;
        return length;
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        inner.WriteAsync(data, cancellationToken);

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
        }

        base.Dispose(disposing);
    }
}
