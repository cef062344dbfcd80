using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Uring;

/// <summary>
/// io_uring(7). As a poller it tells readiness by one-shot polls, and its wait is the one io_uring_enter(2) that submits everything queued since the last.
/// For sockets with an inbox it does more: the kernel sends and receives by itself, and what is reported as readable has been received already.
/// </summary>
internal sealed partial class UringPoller : IPoller
{
    private const uint Entries = 256;
    private const int ReceiveMemory = 1024 * 1024;
    private const int FewAwaited = 8;

    /// <summary>How long, in nanoseconds, more is waited for where many sockets wait at once (bench/NOTES.md).</summary>
    private const long GatherTime = 200_000;

    private const long Never = -1;

    /// <summary>Descriptors that find room in a completion's user data beside the generation and the operation.</summary>
    private const int MostDescriptors = 1 << 28;

    private readonly UringRing _ring;
    private readonly BufferRing? _buffers;
    private readonly Queue<PollEvent> _news = new();
    private readonly GatheringTrial _trial = new(Libc.ThreadCpuTime);
    private readonly EventStream _shared = new();
    private readonly TimeProvider _clock;
    private Watched[] _watched = new Watched[64];

    /// <param name="sockets">How many sockets there will be at most, roughly.</param>
    /// <param name="most">What to use at most, where the kernel has it.</param>
    /// <param name="clock">What tells whether gathering delays the work.</param>
    /// <exception cref="IOException">The kernel refuses; see <see cref="WhyNot"/>.</exception>
    public UringPoller(int sockets, UringLevel most = UringLevel.SharedBuffers, TimeProvider? clock = null)
    {
        _clock = clock ?? TimeProvider.System;
        UringRing.TryCreate(Entries, (uint)Math.Clamp(2 * sockets, 1024, 32 * 1024), out var ring, most).OrThrow("io_uring_setup");
        _ring = ring!;
        if (most > UringLevel.Polls && _ring.RunsWorkWhenEntered)
        {
            _buffers = BufferRing.TryCreate(_ring, ReceiveMemory, most);
        }
    }

    /// <summary>An operation of the ring for a socket.</summary>
    [Flags]
    private enum Operation : uint
    {
        None = 0,
        PollRead = Interest.Read,
        PollWrite = Interest.Write,
        Receive = 4,
        Send = 8,

        /// <summary>A poll for room to send the rest of an incomplete send.</summary>
        PollRoom = Receive | Send,
    }

    /// <summary>Why there is no io_uring here, in one sentence; null when there is.</summary>
    public static string? WhyNot { get; } = Try();

    /// <summary>
    /// For how many completions to wait at first, and for how many nanoseconds. When many answers are awaited, for half of them: the peers have the other half to
    /// work on meanwhile. For what comes on a socket that many share, as long as that may gather.
    /// </summary>
    private (int Gather, long Time) Patience =>
        !_trial.Gathers ? default
        : _shared.Nap is > 0 and var nap ? (EventStream.Few, nap)
        : ((Awaited / 2) - FewAwaited, GatherTime);

    public bool CanWatch(int fd) => fd < MostDescriptors;

    public bool TellsFailure => true;

    public void Add(int fd, ulong token)
    {
        if (fd >= _watched.Length)
        {
            Array.Resize(ref _watched, Math.Max(fd + 1, 2 * _watched.Length));
        }

        _watched[fd] = new Watched { IsKnown = true, Token = token, QueuedInTurn = Never };
    }

    public void Arm(int fd, ulong token, Interest interest)
    {
        ref var watched = ref _watched[fd];
        if (watched.Inbox is { } inbox)
        {
            // What is readable here has been received, so to want it is to receive.
            if ((interest & Interest.Read) != 0 && inbox.CanStart)
            {
                StartReceiving(inbox);
            }

            interest &= ~Interest.Read;
        }

        interest &= ~watched.Polled;
        if (interest == Interest.None)
        {
            return;
        }

        watched.Polled |= interest;
        if ((interest & Interest.Read) != 0)
        {
            Poll(fd, token, Operation.PollRead, Epoll.In | Epoll.PeerClosed);
        }

        if ((interest & Interest.Write) != 0)
        {
            Poll(fd, token, Operation.PollWrite, Epoll.Out);
        }
    }

    public void Remove(int fd)
    {
        ref var watched = ref _watched[fd];
        foreach (var operation in (ReadOnlySpan<Operation>)[Operation.PollRead, Operation.PollWrite, Operation.PollRoom, Operation.Receive])
        {
            if (watched.IsUnderWay(operation))
            {
                Cancel(UserData(watched.Token, fd, operation));
            }
        }

        // Queued entries name the descriptor by its number, which may soon be another socket's: the kernel has to see them before it is closed.
        if (watched.QueuedInTurn == Turn && _ring.HasQueued)
        {
            _ring.Enter(timeoutMilliseconds: 0);
        }

        // What still comes for it is known by its token, and dropped.
        watched.Inbox?.Clear();
        watched = default;
    }

    public int Wait(Span<PollEvent> events, int timeoutMilliseconds)
    {
        HoldBackUntaken();
        FeedStarved();

        // One call hands over what is to be done, and waits for what has been: for much at once, where that pays.
        var (gather, time) = Patience;
        _ring.Enter(gather, time, _news.Count > 0 ? 0 : timeoutMilliseconds);
        var allSubmitted = !_ring.HasQueued;
        TakeCompletions();
        if (allSubmitted)
        {
            _outgoing.Reset();
            Turn++;
        }

        SendRests();
        var count = 0;
        while (count < events.Length && _news.TryDequeue(out var happened))
        {
            events[count++] = happened;
        }

        var now = MonotonicClock.Now(_clock);
        _shared.BeginLook(now, count == 0);
        _trial.Note(count, Awaited, now);
        return count;
    }

    public void NoteWait(ulong token, long waited) => _shared.Note(waited);

    public void Dispose()
    {
        for (var fd = 0; fd < _watched.Length; fd++)
        {
            if (_watched[fd].Inbox is not null)
            {
                Remove(fd);
            }
        }

        // The kernel may write into the buffers until it has said its last word on each receive.
        while (_receiving > 0)
        {
            _ring.Enter(timeoutMilliseconds: -1);
            TakeCompletions();
        }

        _ring.Dispose();
        _buffers?.Dispose();
    }

    private static string? Try()
    {
        if (!OperatingSystem.IsLinux())
        {
            return "io_uring is Linux's";
        }

        var made = UringRing.TryCreate(entries: 1, completions: 1, out var ring);
        ring?.Dispose();
        return Explain(made);
    }

    internal static string? Explain(SysResult made) => made.Error switch
    {
        Errno.None => null,
        Errno.ENOSYS => "this kernel has no io_uring, or one older than Linux 5.11",
        Errno.EPERM => "io_uring is forbidden here (sysctl kernel.io_uring_disabled, or a container's system call filter)",
        _ => $"io_uring cannot be set up: {made.Message}",
    };

    /// <summary>
    /// What tells a completion's socket and operation: the upper half of the token, since descriptor numbers are used again, the number, the operation.
    /// </summary>
    private static ulong UserData(ulong token, int fd, Operation operation) =>
        (token & 0xFFFF_FFFF_0000_0000) | ((uint)fd << 4) | (uint)operation;

    private void Poll(int fd, ulong token, Operation operation, uint events)
    {
        ref var entry = ref NextEntry(fd, token, operation);
        entry.Operation = IoUring.OpPollAdd;
        entry.OperationFlags = events;
    }

    private ref UringEntry NextEntry(int fd, ulong token, Operation operation)
    {
        _watched[fd].QueuedInTurn = Turn;
        ref var entry = ref _ring.NextEntry();
        entry.Fd = fd;
        entry.UserData = UserData(token, fd, operation);
        return ref entry;
    }

    private void Cancel(ulong userData)
    {
        ref var entry = ref _ring.NextEntry();
        entry.Operation = IoUring.OpAsyncCancel;
        entry.Flags = _ring.SkipSuccess;
        entry.Address = userData;
    }

    private void TakeCompletions()
    {
        while (true)
        {
            while (_ring.TryTake(out var completion))
            {
                OnCompletion(completion);
            }

            if (!_ring.HasOverflow)
            {
                return;
            }

            _ring.Enter(timeoutMilliseconds: 0);
        }
    }

    private void OnCompletion(in UringCompletion completion)
    {
        var operation = (Operation)(completion.UserData & 0xF);
        var fd = (int)((uint)completion.UserData >> 4);
        ref var watched = ref _watched[fd];
        var isCurrent = watched.IsKnown && UserData(watched.Token, fd, operation) == completion.UserData;
        switch (operation)
        {
            case Operation.Receive:
                OnReceived(isCurrent ? watched.Inbox : null, completion);
                break;
            case Operation.PollRead or Operation.PollWrite when isCurrent:
                OnPolled(ref watched, (Interest)operation, new SysResult(completion.Result));
                break;
            case Operation.PollRoom when isCurrent:
                _roomy.Add(watched.Inbox!);
                break;
            case Operation.Send when isCurrent:
                OnSendCut(watched.Inbox!, new SysResult(completion.Result));
                break;
        }
    }

    private void OnPolled(ref Watched watched, Interest direction, SysResult result)
    {
        watched.Polled &= ~direction;
        var what = (uint)result.OrThrow("io_uring poll");
        _news.Enqueue(new PollEvent(watched.Token, direction, (what & (Epoll.PeerClosed | Epoll.HangUp | Epoll.Error)) != 0));
    }

    /// <summary>The state of a descriptor.</summary>
    private struct Watched
    {
        public bool IsKnown;
        public ulong Token;
        public long QueuedInTurn;
        public Interest Polled;
        public UringInbox? Inbox;

        public readonly bool IsUnderWay(Operation operation) => operation switch
        {
            Operation.Receive => Inbox is { IsReceiving: true },
            Operation.PollRoom => Inbox is { Unsent.IsEmpty: false },
            _ => (Polled & (Interest)operation) != 0,
        };
    }
}
