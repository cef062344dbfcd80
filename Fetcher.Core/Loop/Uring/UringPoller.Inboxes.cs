using System.Runtime.InteropServices;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Uring;

/// <summary>The half of the ring that sends and receives by itself.</summary>
internal sealed partial class UringPoller
{
    private readonly SendArena _outgoing = new();
    private readonly List<UringInbox> _untaken = [];
    private readonly List<UringInbox> _starved = [];
    private readonly List<UringInbox> _roomy = [];
    private int _receiving;

    /// <summary>Whether the kernel can receive by itself (Linux 6.1); if not, this is a poller and no more.</summary>
    public bool CanReceive => _buffers is not null;

    /// <summary>How many transfers are waiting for a receive.</summary>
    public int Awaited { get; set; }

    /// <summary>Counts waits: whatever was to be sent before the last one has been offered to its socket.</summary>
    public long Turn { get; private set; }

    /// <summary>Has the kernel receive for a socket from now on.</summary>
    public UringInbox Open(int fd, ulong token)
    {
        var inbox = new UringInbox(this, fd, token);
        _watched[fd].Inbox = inbox;
        return inbox;
    }

    /// <summary>Sends a copy of <paramref name="data"/> with the next wait. Only when the inbox <see cref="UringInbox.IsSending"/> nothing.</summary>
    public void Send(UringInbox inbox, ReadOnlySpan<byte> data)
    {
        const uint DontWait = 0x40, WaitAll = 0x100, NoSignal = 0x4000;
        (inbox.Sending, var address) = _outgoing.Add(data);
        inbox.SentInTurn = Turn;

        // MSG_DONTWAIT: done, or not, when io_uring_enter(2) comes back, so no send is ever under way between two turns. MSG_WAITALL: less than all of
        // it counts as a failure, so that success needs no completion.
        ref var entry = ref NextEntry(inbox.Fd, inbox.Token, Operation.Send);
        entry.Operation = IoUring.OpSend;
        entry.Flags = IoUring.EntrySkipSuccess;
        entry.Address = address;
        entry.Length = (uint)data.Length;
        entry.OperationFlags = DontWait | WaitAll | NoSignal;
    }

    /// <summary>Takes back what an inbox lent.</summary>
    public void GiveBack(in Slice slice)
    {
        if (slice.Buffer != Slice.Owned)
        {
            _buffers!.GiveBack(slice);
        }
    }

    private void StartReceiving(UringInbox inbox)
    {
        inbox.Receive = UringReceive.UnderWay;
        _receiving++;
        ref var entry = ref NextEntry(inbox.Fd, inbox.Token, Operation.Receive);
        entry.Operation = IoUring.OpReceive;

        // One receive for all that will ever come; and hardly anything has come yet, so the kernel is not to look before it waits.
        entry.SendReceiveFlags = IoUring.Multishot | IoUring.PollFirst;
        BufferRing.Select(ref entry);
    }

    /// <summary>Handles the completion of a send that failed or was incomplete.</summary>
    private void OnSendCut(UringInbox inbox, SysResult result)
    {
        if (result.IsError && !result.WouldBlock)
        {
            inbox.FailSend(result.Error);
            Tell(inbox, peerClosed: false);
            return;
        }

        inbox.Unsent = inbox.Sending[Math.Max(0, result.Value)..].ToArray();
        Poll(inbox.Fd, inbox.Token, Operation.PollRoom, Epoll.Out);
    }

    /// <summary>Sends the rest of incomplete sends whose sockets have room again.</summary>
    private void SendRests()
    {
        foreach (var inbox in _roomy)
        {
            var rest = inbox.Unsent;
            inbox.Unsent = default;
            Send(inbox, rest.Span);
        }

        _roomy.Clear();
    }

    private void OnReceived(UringInbox? inbox, in UringCompletion completion)
    {
        var isOver = (completion.Flags & IoUring.CompletionHasMore) == 0;
        if (isOver)
        {
            _receiving--;
        }

        var slice = (completion.Flags & IoUring.CompletionHasBuffer) != 0 ? _buffers!.Take(completion) : default(Slice?);
        if (slice is { } received)
        {
            if (inbox is not null && received.Length > 0)
            {
                Deliver(inbox, received);
            }
            else
            {
                GiveBack(received);
            }
        }

        if (isOver && inbox is not null)
        {
            inbox.Receive = UringReceive.None;
            OnReceiveOver(inbox, new SysResult(completion.Result));
        }
    }

    private void Deliver(UringInbox inbox, in Slice slice)
    {
        SyscallCounters.Current.CountReceivedBytes(slice.Length);
        if (!inbox.HasSlices)
        {
            _untaken.Add(inbox);
            Tell(inbox, peerClosed: false);
        }

        inbox.Add(slice);
    }

    private void OnReceiveOver(UringInbox inbox, SysResult result)
    {
        // A receive is over for good at the end of the stream or by an error. Otherwise it was held back, or there was no buffer, or no room for its
        // completion; then whoever takes what lies here has it started again.
        if (result.Value == 0 || result is { IsError: true, Error: not (Errno.ECANCELED or Errno.ENOBUFS) })
        {
            inbox.End(result.Error);
            Tell(inbox, peerClosed: true);
        }
        else if (!inbox.HasSlices && result.Error == Errno.ENOBUFS)
        {
            inbox.Receive = UringReceive.Starved;
            _starved.Add(inbox);
        }
        else if (!inbox.HasSlices)
        {
            StartReceiving(inbox);
        }
    }

    private void Tell(UringInbox inbox, bool peerClosed) => _news.Enqueue(new PollEvent(inbox.Token, Interest.Read, peerClosed));

    /// <summary>
    /// A whole turn after they were told, somebody has not taken what came: that is copied out of the lent buffers, and no more is received meanwhile, so
    /// that the peer is held back and the others have buffers.
    /// </summary>
    private void HoldBackUntaken()
    {
        if (_untaken.Count == 0 || _news.Count > 0)
        {
            return;
        }

        var kept = 0;
        foreach (var inbox in CollectionsMarshal.AsSpan(_untaken))
        {
            if (inbox.HasSlices)
            {
                _untaken[kept++] = inbox;
                inbox.CopyOut();
                if (inbox.Receive == UringReceive.UnderWay)
                {
                    inbox.Receive = UringReceive.HeldBack;
                    Cancel(UserData(inbox.Token, inbox.Fd, Operation.Receive));
                }
            }
        }

        _untaken.RemoveRange(kept, _untaken.Count - kept);
    }

    /// <summary>Starts the receives again that found no buffer, once there are some.</summary>
    private void FeedStarved()
    {
        if (_starved.Count > 0 && _buffers!.Provided > 0)
        {
            foreach (var inbox in _starved)
            {
                inbox.Receive = UringReceive.None;
                if (_watched[inbox.Fd].Inbox == inbox)
                {
                    StartReceiving(inbox);
                }
            }

            _starved.Clear();
        }
    }
}
