using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>What the slots of one loop share.</summary>
internal sealed class LoopServices : IDisposable
{
    /// <param name="job">The run.</param>
    /// <param name="loop">Whose transfers share these.</param>
    /// <param name="waits">How they wait.</param>
    /// <param name="open">Makes the stream of a connected socket; null for the usual one.</param>
    public LoopServices(FetchJob job, EventLoop loop, Waits waits, Func<LoopSocket, SocketStream>? open = null)
    {
        Loop = loop;
        Waits = waits;
        Options = job.Options;
        Requests = job.Requests;
        Connector = new Connector(loop, waits.Request, open ?? (socket => new ReadinessStream(loop, socket)), job.Resolver, job.Tls, job.Options);
        Pool = new ConnectionPool(waits.Request, Math.Max(64, job.Options.Concurrency));
    }

    public EventLoop Loop { get; }

    public Waits Waits { get; }

    public FetchOptions Options { get; }

    public RequestWriter Requests { get; }

    public Connector Connector { get; }

    public ConnectionPool Pool { get; }

    public StringCache ContentTypes { get; } = new();

    public void Dispose() => Pool.Dispose();
}
