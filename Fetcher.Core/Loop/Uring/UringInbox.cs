using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Uring;

/// <summary>The bytes that the ring has received for one socket and nobody has taken yet, and the state of the socket's receive and of its last send.</summary>
internal sealed class UringInbox(UringPoller poller, int fd, ulong token)
{
    private readonly Queue<Slice> _later = new();
    private Slice _first;

    /// <summary>Whether there are slices to take, or an end or an error to be told. A send that failed is told then: the answer may have come before.</summary>
    public bool HasNews => HasSlices || HasEnded;

    /// <summary>Whether there are slices to take.</summary>
    public bool HasSlices => _first.Length > 0;

    /// <summary>Whether nothing more will be received: the peer has closed, or see <see cref="Failure"/>.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Why nothing more will be received, or <see cref="Errno.None"/> at the proper end.</summary>
    public Errno Failure { get; private set; }

    /// <summary>Why the last send failed, or <see cref="Errno.None"/>.</summary>
    public Errno SendFailure { get; private set; }

    /// <summary>Whether the last send has not been submitted yet or is incomplete, so that another has to wait.</summary>
    public bool IsSending => SentInTurn == poller.Turn || !Unsent.IsEmpty;

    internal int Fd => fd;

    internal ulong Token => token;

    /// <summary>How its receive is.</summary>
    internal UringReceive Receive { get; set; }

    /// <summary>Whether a receive is under way in the kernel.</summary>
    internal bool IsReceiving => Receive is UringReceive.UnderWay or UringReceive.HeldBack;

    /// <summary>Whether a receive may be started.</summary>
    internal bool CanStart => Receive == UringReceive.None && !HasEnded;

    /// <summary>The turn in which something was last sent.</summary>
    internal long SentInTurn { get; set; } = -1;

    /// <summary>The bytes of the last send; valid until that turn is over.</summary>
    internal ReadOnlyMemory<byte> Sending { get; set; }

    /// <summary>The part of the last send that the socket had no room for.</summary>
    internal ReadOnlyMemory<byte> Unsent { get; set; }

    /// <summary>Takes the oldest slice; the taker gives it back to the poller.</summary>
    public Slice Take()
    {
        var slice = _first;
        _first = _later.Count > 0 ? _later.Dequeue() : default;
        return slice;
    }

    /// <summary>As <see cref="Take()"/>, but no more than <paramref name="most"/> bytes; copies them when there are more.</summary>
    public Slice Take(int most)
    {
        if (_first.Length <= most)
        {
            return Take();
        }

        var copy = _first.Bytes[..most].ToArray();
        _first = _first.From(most);
        return new Slice(copy, 0, most, Slice.Owned);
    }

    /// <summary>Copies as much of the oldest slice as <paramref name="buffer"/> takes.</summary>
    public int Read(Span<byte> buffer)
    {
        var length = Math.Min(buffer.Length, _first.Length);
        _first.Bytes.AsSpan(0, length).CopyTo(buffer);
        if (length == _first.Length)
        {
            poller.GiveBack(Take());
        }
        else
        {
            _first = _first.From(length);
        }

        return length;
    }

    /// <summary>Gives back all slices, which nobody will take.</summary>
    public void Clear()
    {
        while (HasSlices)
        {
            poller.GiveBack(Take());
        }
    }

    internal void Add(in Slice slice)
    {
        if (HasSlices)
        {
            _later.Enqueue(slice);
        }
        else
        {
            _first = slice;
        }
    }

    internal void End(Errno failure)
    {
        HasEnded = true;
        Failure = failure;
    }

    internal void FailSend(Errno failure) => SendFailure = failure;

    /// <summary>Copies all slices out of the lent buffers, so that these go back to the ring.</summary>
    internal void CopyOut()
    {
        _first = CopyOut(_first);
        for (var left = _later.Count; left > 0; left--)
        {
            _later.Enqueue(CopyOut(_later.Dequeue()));
        }
    }

    private Slice CopyOut(in Slice slice)
    {
        if (slice.Buffer == Slice.Owned)
        {
            return slice;
        }

        var copy = slice.Bytes.ToArray();
        poller.GiveBack(slice);
        return new Slice(copy, 0, copy.Length, Slice.Owned);
    }
}

/// <summary>How the receive of a socket is.</summary>
internal enum UringReceive
{
    /// <summary>None is under way.</summary>
    None,

    /// <summary>It is under way in the kernel.</summary>
    UnderWay,

    /// <summary>It is being cancelled, since nobody takes what comes (back-pressure).</summary>
    HeldBack,

    /// <summary>It stopped for want of buffers (ENOBUFS); it begins again when there are some.</summary>
    Starved,
}
