using Fetcher.Core.Exchange;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>What the slots of one loop share.</summary>
internal sealed class LoopServices : IDisposable
{
    private readonly CancellationTokenSource _draining = new();
    private readonly CancellationTokenRegistration _drain;

    /// <param name="job">What to fetch.</param>
    /// <param name="loop">The loop.</param>
    /// <param name="waits">How its transfers wait.</param>
    /// <param name="idleConnections">How many connections it may keep for later.</param>
    /// <param name="open">Makes the stream of a connected socket; null for the usual one.</param>
    public LoopServices(FetchJob job, EventLoop loop, Waits waits, int idleConnections, Func<LoopSocket, SocketStream>? open = null)
    {
        Loop = loop;
        Options = job.Options;
        Http1 = new Http1Transport(
            loop, waits, job.Options, job.Network, job.Resolver, job.Sockets, job.Warc, idleConnections, open, _draining.Token);
        Transport = Http2Transport.IsFor(job.Options)
            ? new Http2Transport(Http1, job.Options, job.Network.Routes, job.Warc, idleConnections, job.Counters.NewStreams())
            : Http1;
        _drain = job.Drain.Register(() => loop.Post(_draining.Cancel));
    }

    public EventLoop Loop { get; }

    public FetchOptions Options { get; }

    /// <summary>What carries the requests of its transfers.</summary>
    public ITransport Transport { get; }

    /// <summary>That of HTTP/1.1.</summary>
    public Http1Transport Http1 { get; }

    /// <summary>Cancelled, on the loop's thread, when nothing new is to begin: no URL, and no further attempt at one.</summary>
    public CancellationToken Draining => _draining.Token;

    public void Dispose()
    {
        _drain.Dispose();
        _draining.Dispose();
        (Transport as Http2Transport)?.Dispose();
        Http1.Dispose();
    }
}
