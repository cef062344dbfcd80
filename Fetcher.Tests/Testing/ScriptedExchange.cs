using System.Text;
using Fetcher.Core.Exchange;
using Fetcher.Core.Http;
using Fetcher.Core.Loop;
using Fetcher.Core.Saving.Warc;

namespace Fetcher.Tests.Testing;

/// <summary>One exchange of a <see cref="ScriptedTransport"/>: what comes is said beforehand.</summary>
/// <param name="head">The header section of the response, with the empty line that ends it.</param>
/// <param name="body">The runs of its body.</param>
internal sealed class ScriptedExchange(string head = "", params byte[][] body) : IExchange
{
    private ScriptedTransport? _transport;
    private ExchangeFacts? _facts;
    private bool _isHead;
    private int _read;

    /// <summary>A response with its body, in one run for each string.</summary>
    public static ScriptedExchange Of(string status, string fields = "", params string[] body) =>
        new($"HTTP/1.1 {status}\r\n{fields}Content-Length: {body.Sum(run => run.Length)}\r\n\r\n", [.. body.Select(Encoding.Latin1.GetBytes)]);

    /// <summary>No connection can be had.</summary>
    public static ScriptedExchange NotOpened(Exception why) => new() { OpenFailure = why };

    /// <summary>The request is not answered.</summary>
    public static ScriptedExchange NotAnswered(Exception why) => new() { AskFailure = why };

    /// <summary>Whether its connection has served others.</summary>
    public bool IsKept { get; init; }

    /// <summary>Thrown in place of a connection, or null.</summary>
    public Exception? OpenFailure { get; init; }

    /// <summary>Thrown in place of a response, or null.</summary>
    public Exception? AskFailure { get; init; }

    /// <summary>Thrown after the body's runs, or null.</summary>
    public Exception? BodyFailure { get; init; }

    /// <summary>Whether the first byte of a response came before <see cref="AskFailure"/>.</summary>
    public bool HasFirstByte { get; init; }

    /// <summary>Called when the request is made, or null.</summary>
    public Action? OnAsk { get; init; }

    /// <summary>Whether reading a body that nobody wants could save the connection.</summary>
    public bool CanDrain { get; init; } = true;

    /// <summary>The most that was to be read of a body that nobody wants; null when it was not asked about.</summary>
    public long? MostDrained { get; private set; }

    /// <summary>Runs that were read.</summary>
    public int RunsRead => _read;

    /// <summary>How often it was ended.</summary>
    public int Ends { get; private set; }

    /// <summary>Whether its connection was given up, whatever had come.</summary>
    public bool IsAbandoned { get; private set; }

    public ResponseHead Head { get; } = new();

    public ReadOnlyMemory<byte> Body { get; private set; }

    public bool IsWhole { get; private set; }

    public WarcTape? Tape => null;

    public void Send(in RequestHead request)
    {
        _isHead = request.IsHead;
        _transport!.Requests.Add(Encoding.Latin1.GetString(request.Write(new byte[1024], null).Span));
        OnAsk?.Invoke();
        _facts!.SentAt = 1;
    }

    public LoopTask<int> ReceiveHeadAsync()
    {
        _facts!.FirstByteAt = AskFailure is null || HasFirstByte ? 2 : 0;
        return AskFailure is null ? new LoopTask<int>(head.Length) : throw AskFailure;
    }

    public bool TakeHead(int received)
    {
        ResponseParser.Parse(Encoding.Latin1.GetBytes(head), _isHead, Head, out _, out var reason).ShouldBe(ParseStatus.Complete, reason);
        return true;
    }

    public LoopTask<int> ReadAsync()
    {
        if (_read < body.Length)
        {
            Body = body[_read++];
            return new LoopTask<int>(Body.Length);
        }

        Body = default;
        IsWhole = BodyFailure is null;
        return IsWhole ? new LoopTask<int>(0) : throw BodyFailure!;
    }

    public LoopTask<int> SkipAsync() => ReadAsync();

    public bool MayAskAgain(Exception e) => _facts!.IsStale(e);

    public bool TryDrain(long most, long patience)
    {
        MostDrained = most;
        return CanDrain;
    }

    public void Keep()
    {
        // The runs are its own.
    }

    public void End() => Ends++;

    public void Abandon()
    {
        IsAbandoned = true;
        End();
    }

    /// <summary>Somebody comes for it.</summary>
    internal void Open(ScriptedTransport transport, ExchangeFacts facts)
    {
        (_transport, _facts) = (transport, facts);
        if (OpenFailure is not null)
        {
            throw OpenFailure;
        }

        facts.IsReused = IsKept;
        facts.Connects += IsKept ? 0 : 1;
        facts.NoteConnection("192.0.2.1", 80, 1234, isTls: false);
    }
}
