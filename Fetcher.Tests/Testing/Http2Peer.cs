using System.Text;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Testing;

/// <summary>The server's side of a connection that speaks HTTP/2, told by scripts what to send (<see cref="Http2Script"/>).</summary>
internal sealed class Http2Peer
{
    private const string Preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

    private readonly ScriptedConnection _connection;
    private readonly HpackDecoder _decoder = new(new Http2Limits());

    private Http2Peer(ScriptedConnection connection) => _connection = connection;

    /// <summary>Frames that came besides requests: their types, streams and first payload byte counted from the end.</summary>
    public List<(Http2FrameType Type, int Stream, int Last)> Others { get; } = [];

    /// <summary>Whether it answers when it is asked if it is there.</summary>
    public bool AnswersPings { get; init; }

    /// <summary>Streams that were opened and have not been answered.</summary>
    public HashSet<int> Open { get; } = [];

    /// <summary>The most streams that were open at once.</summary>
    public int MostOpen { get; private set; }

    /// <summary>Takes the client's preface and sends SETTINGS.</summary>
    public static async Task<Http2Peer> BeginAsync(ScriptedConnection connection, string settings = "settings", bool answersPings = false)
    {
        Encoding.ASCII.GetString(await connection.ReadBytesAsync(Preface.Length)).ShouldBe(Preface);
        var peer = new Http2Peer(connection) { AnswersPings = answersPings };
        await peer.SendAsync(settings);
        return peer;
    }

    /// <summary>A script that answers each request by its path, until the client closes.</summary>
    /// <param name="answer">What is sent, with N where the stream's number belongs.</param>
    /// <param name="settings">What comes first.</param>
    public static Func<ScriptedConnection, Task> Answering(Func<string, string> answer, string settings = "settings") => async connection =>
    {
        var peer = await BeginAsync(connection, settings);
        while (true)
        {
            var (stream, path) = await peer.NextRequestAsync();
            await peer.AnswerAsync(stream, answer(path));
        }
    };

    /// <summary>Waits for the next request.</summary>
    public async Task<(int Stream, string Path)> NextRequestAsync()
    {
        while (true)
        {
            if (await NextFrameAsync() is { } request)
            {
                return request;
            }
        }
    }

    /// <summary>Waits for the next frame: a request, or null for one of the others.</summary>
    public async Task<(int Stream, string Path)?> NextFrameAsync()
    {
        var header = Http2FrameHeader.Read(await _connection.ReadBytesAsync(Http2FrameHeader.Size));
        var payload = await _connection.ReadBytesAsync(header.Length);
        if (header.Type == Http2FrameType.Headers)
        {
            _decoder.Decode(payload).ShouldBeNull();
            Open.Add(header.Stream);
            MostOpen = Math.Max(MostOpen, Open.Count);
            return (header.Stream, HpackText.Value(_decoder.Section, ":path"));
        }

        Others.Add((header.Type, header.Stream, payload.LastOrDefault()));
        if (header.Type == Http2FrameType.Ping && !header.Has(Http2Flags.Ack) && AnswersPings)
        {
            await _connection.SendAsync(Http2Script.Frame((int)Http2FrameType.Ping, (int)Http2Flags.Ack, 0, payload));
        }

        return null;
    }

    /// <summary>Answers a request.</summary>
    public Task AnswerAsync(int stream, string answer)
    {
        Open.Remove(stream);
        return SendAsync(answer.Replace("N", $"{stream}", StringComparison.Ordinal));
    }

    public Task SendAsync(string script) => _connection.SendAsync(Http2Script.Bytes(script));
}
