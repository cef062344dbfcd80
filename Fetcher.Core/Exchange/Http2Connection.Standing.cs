using System.Buffers;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Exchange;

/// <summary>How an exchange stands still on a connection that it shares, in the modes that do.</summary>
internal sealed partial class Http2Connection
{
    private readonly Queue<Http2Exchange> _late = new();
    private Http2Exchange? _standing;

    /// <summary>Whether an exchange must not go on, since another one stands in a blocking wait: it is told afterwards.</summary>
    public bool MustHold(Http2Exchange exchange) => _standing is not null && _standing != exchange;

    /// <summary>Tells an exchange its news when the blocking wait is over.</summary>
    public void TellLater(Http2Exchange exchange)
    {
        _late.Enqueue(exchange);
        if (_late.Count == 1)
        {
            _loop.Post(TellLate);
        }
    }

    /// <summary>Stands still until there is something for <paramref name="exchange"/>: receives for all, by calls that block.</summary>
    /// <param name="exchange">Who stands.</param>
    /// <param name="readiness">How.</param>
    /// <param name="deadline">When to give up, on the loop's clock in nanoseconds.</param>
    /// <param name="slice">Nanoseconds after which to look whether it is wanted still; 0 for never.</param>
    public void Stand(Http2Exchange exchange, IReadiness readiness, long deadline, long slice)
    {
        var before = _standing;
        _standing = exchange;
        try
        {
            while (!exchange.HasNews && !IsClosed)
            {
                if (DispatchOne())
                {
                    continue;
                }

                Session.Widen();
                FlushNow();
                var now = _loop.GetTimestamp();
                if (exchange.IsOver(now))
                {
                    return;
                }

                if (now >= AskAt)
                {
                    Ask(now);
                }

                var until = Math.Min(deadline, AskAt);
                exchange.GoOnWatched();
                ReceiveStanding(readiness, slice == 0 ? until : Math.Min(until, now + slice), isWatched: slice != 0);
            }
        }
        finally
        {
            _standing = before;
            exchange.GoOnWatched();
        }
    }

    /// <summary>Stands still until a stream can be opened, or that can be no more.</summary>
    /// <param name="readiness">How.</param>
    /// <param name="deadline">When to give up, on the loop's clock in nanoseconds.</param>
    public void StandForPlace(IReadiness readiness, long deadline)
    {
        while (!IsClosed && !_isRetired && Session.FreeStreams == 0 && _loop.GetTimestamp() < deadline)
        {
            FlushNow();
            ReceiveStanding(readiness, deadline, isWatched: false);
        }
    }

    private void TellLate()
    {
        while (_standing is null && _late.TryDequeue(out var exchange))
        {
            exchange.TellNow();
        }
    }

    /// <summary>Receives once, by a call that blocks.</summary>
    private void ReceiveStanding(IReadiness readiness, long until, bool isWatched)
    {
        var socket = _connection.Socket;
        if (_isParked || isWatched)
        {
            // The pump's own receive is under way, or the wait may have to end early: only wait until there is something.
            readiness.Prepare(socket, Interest.Read, until);
            socket.WaitInPlace();
            if (_isParked)
            {
                socket.SetBlocking(false);
                _loop.ThrowIfStopping();

                // The turn of the loop, at whose end it would be the pump's turn again, does not end before this.
                socket.OnTurn();
                return;
            }

            if (!socket.HasSomething)
            {
                _loop.ThrowIfStopping();
                return;
            }
        }

        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            _connection.WaitWith(readiness, LoopTimer.Never, until);
            var receiving = _connection.ReceiveAsync(buffer);
            var received = receiving.IsCompleted
                ? receiving.GetAwaiter().GetResult()
                : throw new InvalidOperationException("a call that blocks has not ended");
            Take(buffer.AsMemory(0, received));
        }
        catch (Exception e) when (e is FetchException or IOException && Failures.Of(e).Kind == FetchErrorKind.Timeout)
        {
            // Whoever stands here finds that its time is over. TLS goes on where it was.
        }
        catch (Exception e) when (e is not InvalidOperationException)
        {
            Lose(e);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            _connection.WaitWith(_transport.Waits.Request, LoopTimer.Never, LoopTimer.Never);
        }
    }

    /// <summary>Without a pump: reads what has come since the last exchange, which may be that the server has gone away.</summary>
    private void CatchUp()
    {
        while (!IsClosed && !_isDispatching && _connection.Socket.HasSomething)
        {
            ReceiveStanding(_transport.Waits.Request, LoopTimer.Never, isWatched: false);
        }
    }

    private void FlushNow()
    {
        var wasDispatching = _isDispatching;
        _isDispatching = false;
        Flush();
        _isDispatching = wasDispatching;
    }
}
