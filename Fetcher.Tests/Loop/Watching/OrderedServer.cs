using System.Globalization;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>What an <see cref="OrderedServer"/> sends next: the head or the five bytes of body of a transfer, so many milliseconds after what it sent before.</summary>
internal readonly record struct ServerStep(int Pause, int Transfer, bool IsHead);

/// <summary>
/// Answers some transfers in a fixed order, once it has the requests of all. A busy machine makes its pauses longer and changes nothing of the order.
/// </summary>
internal sealed class OrderedServer : IAsyncDisposable
{
    private readonly ScriptedServer _server;
    private readonly ScriptedConnection?[] _connections;
    private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _serving;
    private int _requests;

    /// <param name="transfers">How many transfers there are; their paths are <c>/0</c>, <c>/1</c> and so on.</param>
    /// <param name="steps">What is sent, in this order.</param>
    public OrderedServer(int transfers, params ServerStep[] steps)
    {
        _connections = new ScriptedConnection?[transfers];
        _server = new ScriptedServer(ReadAsync);
        _serving = ServeAsync(steps);
    }

    /// <summary>The URLs of all transfers, in order.</summary>
    public string[] Urls => [.. Enumerable.Range(0, _connections.Length).Select(i => _server.Url($"/{i}"))];

    public async ValueTask DisposeAsync()
    {
        _over.TrySetResult();
        await _serving.WaitAsync(TimeSpan.FromSeconds(30));
        await _server.DisposeAsync();
    }

    private async Task ReadAsync(ScriptedConnection connection)
    {
        var request = await connection.ReadRequestAsync();
        _connections[int.Parse(request!.Split(' ')[1].AsSpan(1), CultureInfo.InvariantCulture)] = connection;
        if (Interlocked.Increment(ref _requests) == _connections.Length)
        {
            _all.SetResult();
        }

        await _over.Task;
    }

    private async Task ServeAsync(ServerStep[] steps)
    {
        await Task.WhenAny(_all.Task, _over.Task);
        foreach (var (pause, transfer, isHead) in _all.Task.IsCompleted ? steps : [])
        {
            await Task.Delay(pause);
            await _connections[transfer]!.SendAsync(isHead ? "HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n" : "hello");
        }
    }
}
