using Fetcher.Core.Http.Http2;

namespace Fetcher.Core.Exchange;

/// <summary>How a connection takes no more streams, rests without any, or is lost with those that are open.</summary>
internal sealed partial class Http2Connection
{
    /// <summary>No more streams: the server has gone away, or does not answer any more.</summary>
    public void Retire()
    {
        if (!_isRetired)
        {
            _isRetired = true;
            _origin.Remove(this);
        }
    }

    public void Dispose()
    {
        if (IsClosed)
        {
            return;
        }

        IsClosed = true;
        if (_silence is not null)
        {
            _loop.Return(_silence);
        }

        _transport.Wake(this);
        Retire();
        _connection.Dispose();
    }

    private void OnGoAway()
    {
        Retire();
        if (Session.GoneAway == Http2Error.Http11Required)
        {
            _origin.Protocol = OriginProtocol.Http11;
        }

        while (Session.TakeUnprocessed() is { } stream)
        {
            (stream.Owner as Http2Exchange)?.OnUnprocessed(Session.GoneAway!.Value);
        }
    }

    /// <summary>The origin wants HTTP/1.1.</summary>
    public void FallBack()
    {
        _origin.Protocol = OriginProtocol.Http11;
        Retire();
    }

    /// <summary>Nothing can be sent any more. What has come before the connection broke is still to be received, and tells how it did.</summary>
    private void OnNotSent()
    {
        _isSending = true;
        Retire();
    }

    /// <summary>The connection is of no use any more.</summary>
    /// <param name="why">What was found; null when the server has closed it.</param>
    private void Lose(Exception? why)
    {
        if (IsClosed)
        {
            return;
        }

        Dispose();
        while (Session.TakeOpen() is { } stream)
        {
            (stream.Owner as Http2Exchange)?.OnLost(why);
        }
    }

    private void OnFewerStreams()
    {
        _origin.Wake();
        if (IsClosed || _taken > 0 || Session.Streams > 0)
        {
            return;
        }

        if (_isRetired)
        {
            Dispose();
        }
        else if (AmongIdle.List is null)
        {
            _transport.Rest(this);
        }
    }
}
