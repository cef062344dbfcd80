namespace Fetcher.Core.Http.Http2;

/// <summary>One request and its response on a connection: what <see cref="Http2Session"/> knows of it. Used again for another once it has ended.</summary>
internal sealed class Http2Stream
{
    /// <summary>Its number on the connection; 0 before it is opened.</summary>
    public int Id { get; private set; }

    /// <summary>The header section of the response, once <see cref="HasHead"/>.</summary>
    public ResponseHead Head { get; } = new();

    /// <summary>Whether the request was HEAD.</summary>
    public bool IsHead { get; private set; }

    /// <summary>Whether the header section of the final response has come.</summary>
    public bool HasHead { get; set; }

    /// <summary>How far it is.</summary>
    public Http2StreamState State { get; set; }

    /// <summary>Whether the response has come whole.</summary>
    public bool IsEnded => State == Http2StreamState.Ended;

    /// <summary>Whether frames of it may still come.</summary>
    public bool IsOpen => State == Http2StreamState.Open;

    /// <summary>Whether nobody wants what comes.</summary>
    public bool IsAbandoned { get; set; }

    /// <summary>Whose it is: whoever opened it is told so by the events.</summary>
    public object? Owner { get; set; }

    /// <summary>Bytes that the server may send before we say that it may send more.</summary>
    public int Window { get; set; }

    /// <summary>Bytes that it may send beyond that, as long as it need not know our SETTINGS.</summary>
    public int Slack { get; private set; }

    /// <summary>Bytes that have been read and not been given back to the window yet.</summary>
    public int Owed { get; set; }

    /// <summary>Bytes that we could send, which is nothing to us, but must not become too many.</summary>
    public long SendWindow { get; set; }

    /// <summary>Bytes of the body still to come, by its Content-Length; -1 where the end is not known.</summary>
    public long BodyLeft { get; set; }

    /// <summary>Bytes that may still come once nobody wants them, before the stream is reset.</summary>
    public int DrainLeft { get; set; }

    /// <summary>Interim (1xx) responses so far.</summary>
    public int Interim { get; set; }

    /// <summary>Begins a request.</summary>
    public void Begin(int id, bool isHead, int window, int slack, long sendWindow)
    {
        (Id, IsHead, Window, Slack, SendWindow) = (id, isHead, window, slack, sendWindow);
        (HasHead, IsAbandoned, State) = (false, false, Http2StreamState.Open);
        (Owed, Interim, BodyLeft) = (0, 0, -1);
    }
}

/// <summary>How far a stream is.</summary>
internal enum Http2StreamState : byte
{
    /// <summary>Not begun, or broken off: reset by either side, or left when the connection ended.</summary>
    Closed,

    /// <summary>Frames of it may still come.</summary>
    Open,

    /// <summary>The response has come whole.</summary>
    Ended,
}
