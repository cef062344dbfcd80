using System.Collections.Concurrent;
using System.Net.Sockets;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>Answers after 50 ms with a body that the kernel paces, as the path of a long connection would, and notes when it did what.</summary>
internal sealed class PacedServer : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50), Pause = TimeSpan.FromMilliseconds(1);

    private readonly int _pace;

    // One for all: what the collector has to do would stop the client too.
    private readonly byte[] _body;
    private readonly ConcurrentDictionary<string, TaskCompletionSource<(long Answering, long Answered, long Taken)>> _sent = [];
    private readonly ConcurrentDictionary<ScriptedConnection, TaskCompletionSource<long>> _sending = [];
    private readonly Timer _looks;
    private ScriptedServer? _server;

    /// <param name="length">Bytes of a body.</param>
    /// <param name="pace">Bytes a second of a connection (SO_MAX_PACING_RATE, socket(7)).</param>
    public PacedServer(int length, int pace)
    {
        (_body, _pace) = (new byte[length], pace);

        // One look for all, so that the server leaves the processors to the client.
        _looks = new Timer(_ => Look(), null, Pause, Pause);
    }

    /// <summary>
    /// Between which moments the head of a path's response was sent, and when the client's kernel had acknowledged the last byte; nanoseconds of the system's
    /// monotonic clock.
    /// </summary>
    /// <remarks>The server looks whether the client has all from time to time, so that the client's run can end before it knows.</remarks>
    public Task<(long Answering, long Answered, long Taken)> SentAsync(string path) => Noted(path).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public string Url(string path) => (_server ??= new ScriptedServer(ServeAsync) { OnAccepted = Pace }).Url(path);

    public async ValueTask DisposeAsync()
    {
        await _looks.DisposeAsync();
        await (_server?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private async Task ServeAsync(ScriptedConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            await Task.Delay(Delay);
            var answering = WatchedRun.Now();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {_body.Length}\r\n\r\n");
            var answered = WatchedRun.Now();
            await connection.SendAsync(_body);
            var taken = _sending[connection] = new TaskCompletionSource<long>(TaskCreationOptions.RunContinuationsAsynchronously);
            Noted(request.Split(' ')[1]).TrySetResult((answering, answered, await taken.Task));
        }
    }

    private void Look()
    {
        foreach (var (connection, taken) in _sending)
        {
            if (connection.IsDelivered() && _sending.TryRemove(connection, out _))
            {
                taken.SetResult(WatchedRun.Now());
            }
        }
    }

    private TaskCompletionSource<(long Answering, long Answered, long Taken)> Noted(string path) =>
        _sent.GetOrAdd(path, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Pace(Socket socket) => socket.SetRawSocketOption(1, 47, BitConverter.GetBytes(_pace));
}
