using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;
using Fetcher.Core.Saving.Warc;

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
        Waits = waits;
        Options = job.Options;
        Requests = job.Requests;
        Cookies = job.Cookies;
        Warc = job.Warc;
        Sockets = job.Sockets;
        Pool = new ConnectionPool(waits.Request, idleConnections);
        Routes = job.Network.Routes;
        Connector = new Connector(
            loop, waits.Request, open ?? (socket => new ReadinessStream(loop, socket)), Pool, job.Resolver, job.Network, job.Sockets, job.Options);
        _drain = job.Drain.Register(() => loop.Post(_draining.Cancel));
    }

    public EventLoop Loop { get; }

    public Waits Waits { get; }

    public FetchOptions Options { get; }

    public RequestWriter Requests { get; }

    public CookieJar? Cookies { get; }

    public WarcFile? Warc { get; }

    public Connector Connector { get; }

    public SocketBudget Sockets { get; }

    public ConnectionPool Pool { get; }

    public Routes Routes { get; }

    public StringCache ContentTypes { get; } = new();

    /// <summary>Cancelled, on the loop's thread, when nothing new is to begin: no URL, and no further attempt at one.</summary>
    public CancellationToken Draining => _draining.Token;

    public void Dispose()
    {
        _drain.Dispose();
        _draining.Dispose();
        Pool.Dispose();
    }
}
