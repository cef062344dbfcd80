using System.Collections.Concurrent;
using System.Net.Sockets;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>Answers after 50 ms with a body that the kernel paces, as the path of a long connection would, and notes when it did what.</summary>
/// <param name="length">Bytes of a body.</param>
/// <param name="pace">Bytes a second of a connection (SO_MAX_PACING_RATE, socket(7)).</param>
internal sealed class PacedServer(int length, int pace) : IAsyncDisposable
{
    private static readonly TimeSpan Delay = TimeSpan.FromMilliseconds(50), Pause = TimeSpan.FromMilliseconds(1);

    private readonly ConcurrentDictionary<string, TaskCompletionSource<(long Answering, long Answered, long Taken)>> _sent = [];
    private ScriptedServer? _server;

    /// <summary>
    /// Between which moments the head of a path's response was sent, and when the client's kernel had acknowledged the last byte; nanoseconds of the system's
    /// monotonic clock.
    /// </summary>
    /// <remarks>The server looks whether the client has all from time to time, so that the client's run can end before it knows.</remarks>
    public Task<(long Answering, long Answered, long Taken)> SentAsync(string path) => Noted(path).Task.WaitAsync(TimeSpan.FromSeconds(30));

    public string Url(string path) => (_server ??= new ScriptedServer(ServeAsync) { OnAccepted = Pace }).Url(path);

    public ValueTask DisposeAsync() => _server?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task ServeAsync(ScriptedConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            await Task.Delay(Delay);
            var answering = WatchedRun.Now();
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n");
            var answered = WatchedRun.Now();
            await connection.SendAsync(new byte[length]);
            await connection.UntilDeliveredAsync(Pause);
            Noted(request.Split(' ')[1]).TrySetResult((answering, answered, WatchedRun.Now()));
        }
    }

    private TaskCompletionSource<(long Answering, long Answered, long Taken)> Noted(string path) =>
        _sent.GetOrAdd(path, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));

    private void Pace(Socket socket) => socket.SetRawSocketOption(1, 47, BitConverter.GetBytes(pace));
}
