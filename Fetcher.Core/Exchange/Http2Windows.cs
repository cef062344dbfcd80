using Fetcher.Core.Http.Http2;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Exchange;

/// <summary>
/// Watches the window of a connection. It closes when bodies that nobody reads fill it, and then no other body on the connection comes either: who waits is
/// told whose body that was.
/// </summary>
/// <param name="session">Has the window.</param>
/// <param name="loop">Whose clock counts.</param>
/// <param name="counters">Where the time is counted in which it was closed.</param>
internal sealed class Http2Windows(Http2Session session, EventLoop loop, StreamCounters counters)
{
    private readonly HashSet<Http2Exchange> _unread = [];
    private long _closedAt;
    private string _url = "";
    private long _transfer;

    /// <summary>A body lies here that has not been read.</summary>
    public void NoteUnread(Http2Exchange exchange) => _unread.Add(exchange);

    /// <summary>All that has come of a body has been read, or nobody wants it any more.</summary>
    public void NoteRead(Http2Exchange exchange) => _unread.Remove(exchange);

    /// <summary>Looks whether the window has been closed, or opened again.</summary>
    public void Look()
    {
        if (session.WindowLeft > 0)
        {
            if (_closedAt != 0)
            {
                Open();
            }
        }
        else if (_closedAt == 0 && _unread.MaxBy(exchange => exchange.Unread) is { } most)
        {
            (_closedAt, _url, _transfer) = (loop.RecentTimestamp, most.Url, most.Transfer);
        }
    }

    /// <summary>An exchange ends its wait: what of that the closed window cost is its stall.</summary>
    public void TellOne(Http2Exchange exchange, long now)
    {
        if (_closedAt != 0)
        {
            exchange.NoteClosedWindow(_closedAt, now, _transfer, _url);
        }
    }

    private void Open()
    {
        var now = loop.GetTimestamp();
        foreach (var stream in session.OpenStreams)
        {
            (stream.Owner as Http2Exchange)?.NoteClosedWindow(_closedAt, now, _transfer, _url);
        }

        counters.NoteConnectionClosed(_url, now - _closedAt);
        _closedAt = 0;
    }
}
