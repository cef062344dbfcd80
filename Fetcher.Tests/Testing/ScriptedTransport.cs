using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Testing;

/// <summary>Carries exchanges that are scripts, one after the other: no socket, and nothing that waits.</summary>
internal sealed class ScriptedTransport(params ScriptedExchange[] exchanges) : ITransport
{
    private readonly Queue<ScriptedExchange> _next = new(exchanges);

    /// <summary>The exchanges that were asked for, and whether a fresh connection was wanted.</summary>
    public List<(string Url, bool Fresh)> Opened { get; } = [];

    /// <summary>The requests that were made, as HTTP/1.1 has them.</summary>
    public List<string> Requests { get; } = [];

    /// <summary>Scripts that nobody has come for.</summary>
    public int Left => _next.Count;

    public ScriptedTransport Then(params ScriptedExchange[] exchanges)
    {
        Array.ForEach(exchanges, _next.Enqueue);
        return this;
    }

    public LoopTask<Lease> OpenAsync(HttpUrl url, Limits limits, ExchangeFacts facts, bool fresh)
    {
        Opened.Add((url.ToString(), fresh));
        var exchange = _next.Dequeue();
        exchange.Open(this, facts);
        return new LoopTask<Lease>(new Lease(exchange));
    }
}
