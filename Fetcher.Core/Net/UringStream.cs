using System.Runtime.CompilerServices;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Uring;

namespace Fetcher.Core.Net;

/// <summary>
/// A stream over io_uring: completion instead of readiness. The kernel receives into buffers of its choice as soon as something comes, so here there is
/// nothing to try: either something lies in the inbox, or one waits for it. Sends are queued for the loop's next system call.
/// </summary>
internal sealed class UringStream : SocketStream
{
    private readonly UringPoller _poller;
    private readonly UringInbox _inbox;
    private Slice _lent;

    public UringStream(EventLoop loop, LoopSocket socket, UringPoller poller)
        : base(loop, socket)
    {
        _poller = poller;
        socket.IsReceivedAhead = true;
        loop.Watch(socket);
        _inbox = poller.Open(socket.Number, socket.Token);
    }

    public override ArraySegment<byte> Received => _lent.Bytes;

    public override bool HasUnsent => !_inbox.Unsent.IsEmpty || _inbox.SendFailure != Errno.None;

    public override async LoopTask<int> ReceiveAsync()
    {
        GiveBack();
        while (!_inbox.HasNews)
        {
            await WaitForNewsAsync().ConfigureAwait(false);
        }

        return TakeNews();
    }

    public override void Rest(IReadiness readiness)
    {
        GiveBack();
        readiness.Idle(Socket);
    }

    /// <summary>Reads what is there, at least a byte; 0 is the end, or says to an empty buffer that there is something.</summary>
    /// <exception cref="FetchException">Silence past the deadline, or the connection broke.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (!_inbox.HasNews)
        {
            await WaitForNewsAsync().ConfigureAwait(false);
        }

        var length = _inbox.HasSlices ? _inbox.Read(buffer.Span) : End();
        ForgetReadyIfDrained();
        return length;
    }

    /// <summary>Queues a copy of <paramref name="data"/>. That it could not be sent is told by the next receive.</summary>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (_inbox.IsSending)
        {
            return WriteLaterAsync(data.ToArray());
        }

        Send(data.Span);
        return ValueTask.CompletedTask;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            GiveBack();
        }

        base.Dispose(disposing);
    }

    private async LoopTask WaitForNewsAsync()
    {
        _poller.Awaited++;
        try
        {
            if (!await Loop.WaitAsync(Socket, Interest.Read, NextDeadline()).ConfigureAwait(false))
            {
                throw _inbox.SendFailure == Errno.None ? TimedOut("received") : NotSent(_inbox.SendFailure);
            }

            Loop.Observer?.Succeeded();
        }
        finally
        {
            _poller.Awaited--;
        }
    }

    private int TakeNews()
    {
        if (!_inbox.HasSlices)
        {
            return End();
        }

        _lent = _inbox.Take(MostReceived);
        ForgetReadyIfDrained();
        return _lent.Length;
    }

    private int End() => _inbox.SendFailure != Errno.None ? throw NotSent(_inbox.SendFailure)
        : _inbox.Failure != Errno.None ? throw NotReceived(_inbox.Failure)
        : 0;

    private void ForgetReadyIfDrained()
    {
        if (!_inbox.HasNews)
        {
            Socket.ForgetReady(Interest.Read);
        }
    }

    private async ValueTask WriteLaterAsync(ReadOnlyMemory<byte> data)
    {
        var deadline = NextDeadline();
        while (_inbox.IsSending)
        {
            if (!await Loop.WaitAsync(Socket, Interest.Write, deadline).ConfigureAwait(false))
            {
                throw TimedOut("sent");
            }
        }

        Send(data.Span);
        NoteSent();
    }

    private void Send(ReadOnlySpan<byte> data)
    {
        _poller.Send(_inbox, data);
        Loop.Observer?.HandedIn();
    }

    private void GiveBack()
    {
        if (_lent.Array is not null)
        {
            _poller.GiveBack(_lent);
            _lent = default;
        }
    }
}
