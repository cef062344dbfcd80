using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Uring;

/// <summary>
/// The two rings of io_uring(7), shared with the kernel: entries say what is to be done, completions say what came of it, and one io_uring_enter(2)
/// both hands over all entries and waits. The ring belongs to the thread that first enters it.
/// </summary>
internal sealed unsafe class UringRing : IDisposable
{
    private readonly SocketFd _fd;
    private readonly byte* _rings;
    private readonly nuint _ringsLength;
    private readonly UringEntry* _entries;
    private readonly uint _capacity;
    private readonly uint* _entriesHead;
    private readonly uint* _entriesTail;
    private readonly uint* _flags;
    private readonly UringCompletion* _completions;
    private readonly uint _completionsMask;
    private readonly uint* _completionsHead;
    private readonly uint* _completionsTail;
    private readonly bool _canGather;
    private uint _filled;
    private uint _taken;
    private bool _enabled;
    private int _number;
    private uint _enterFlags = IoUring.EnterGetEvents | IoUring.EnterExtendedWait;

    private UringRing(SocketFd fd, in UringParameters parameters)
    {
        _fd = fd;
        _number = fd.Number;
        _capacity = parameters.SubmissionEntries;
        SkipSuccess = (parameters.Features & IoUring.FeatureSkipSuccess) != 0 ? IoUring.EntrySkipSuccess : (byte)0;
        _canGather = (parameters.Features & IoUring.FeatureGather) != 0;
        RunsWorkWhenEntered = (parameters.Flags & IoUring.SetupDeferTaskRun) != 0;
        _ringsLength = Math.Max(
            parameters.SubmissionArray + (_capacity * sizeof(uint)),
            parameters.Completions + (parameters.CompletionEntries * (uint)sizeof(UringCompletion)));
        _rings = Libc.MapShared(_number, IoUring.RingsOffset, _ringsLength, out var mapped);
        mapped.OrThrow("mmap io_uring");
        _entries = (UringEntry*)Libc.MapShared(_number, IoUring.EntriesOffset, _capacity * (nuint)sizeof(UringEntry), out mapped);
        mapped.OrThrow("mmap io_uring");

        _entriesHead = (uint*)(_rings + parameters.SubmissionHead);
        _entriesTail = (uint*)(_rings + parameters.SubmissionTail);
        _flags = (uint*)(_rings + parameters.SubmissionFlags);
        _completions = (UringCompletion*)(_rings + parameters.Completions);
        _completionsMask = parameters.CompletionEntries - 1;
        _completionsHead = (uint*)(_rings + parameters.CompletionHead);
        _completionsTail = (uint*)(_rings + parameters.CompletionTail);

        // The submission ring holds indices of entries. Ours are handed over in order, so place i holds i for ever.
        var places = (uint*)(_rings + parameters.SubmissionArray);
        for (var i = 0u; i < _capacity; i++)
        {
            places[i] = i;
        }
    }

    /// <summary>The entry flag that spares a completion when all went well, or 0 where the kernel does not know it (before Linux 5.17).</summary>
    public byte SkipSuccess { get; }

    /// <summary>The kernel does its part only within io_uring_enter(2), never between (Linux 6.1).</summary>
    public bool RunsWorkWhenEntered { get; }

    /// <summary>Completions wait in the kernel for room in the ring; entering once more brings them.</summary>
    public bool HasOverflow => (Volatile.Read(ref *_flags) & IoUring.CompletionsOverflowed) != 0;

    /// <summary>Entries wait to be submitted.</summary>
    public bool HasQueued => _filled != Volatile.Read(ref *_entriesHead);

    /// <summary>Makes a ring, with as much of what makes it fast as the kernel has.</summary>
    /// <param name="entries">Room for this many entries, rounded up to a power of two; when it is full they are submitted early.</param>
    /// <param name="completions">Room for this many completions, likewise; what finds none waits in the kernel.</param>
    /// <param name="ring">The ring, or null when refused.</param>
    /// <param name="most">What the ring will be used for at most.</param>
    public static SysResult TryCreate(uint entries, uint completions, out UringRing? ring, UringLevel most = UringLevel.SharedBuffers)
    {
        const uint Always = IoUring.SetupCompletionSize | IoUring.SetupClamp | IoUring.SetupDisabled;
        const uint Fast = IoUring.SetupSubmitAll | IoUring.SetupSingleIssuer | IoUring.SetupDeferTaskRun;
        const uint Needed = IoUring.FeatureSingleMap | IoUring.FeatureNoDrop | IoUring.FeatureExtendedWait;
        ring = null;
        SysResult made = default;
        foreach (var flags in most == UringLevel.Polls ? (ReadOnlySpan<uint>)[Always] : [Always | Fast, Always])
        {
            var parameters = new UringParameters { Flags = flags, CompletionEntries = completions };
            made = Libc.IoUringSetup(entries, ref parameters);
            if (made.IsError)
            {
                continue;
            }

            var fd = new SocketFd(made.Value);
            if ((parameters.Features & Needed) != Needed)
            {
                fd.Dispose();
                return new SysResult(-(int)Errno.ENOSYS);
            }

            ring = new UringRing(fd, parameters);
            return made;
        }

        return made;
    }

    /// <summary>The next entry to fill in, all zero. It is handed over by the next <see cref="Enter(int)"/>.</summary>
    public ref UringEntry NextEntry()
    {
        // The kernel moves the head when it has taken an entry, which is then ours again: acquire, so that we do not write into it before.
        while (_filled - Volatile.Read(ref *_entriesHead) == _capacity)
        {
            Enter(timeoutMilliseconds: 0);
        }

        ref var entry = ref _entries[_filled++ & (_capacity - 1)];
        entry = default;
        return ref entry;
    }

    /// <summary>Submits all entries and waits for a completion.</summary>
    /// <param name="timeoutMilliseconds">0 only looks; negative waits for ever.</param>
    public void Enter(int timeoutMilliseconds) => Enter(gather: 1, time: 0, timeoutMilliseconds);

    /// <summary>Submits all entries and waits for a completion, or for several.</summary>
    /// <param name="gather">
    /// For how many to wait in the first <paramref name="time"/>, so that a burst of them costs one wake-up. Later, or before Linux 6.12, one is enough.
    /// </param>
    /// <param name="time">In nanoseconds.</param>
    /// <param name="timeoutMilliseconds">0 only looks; negative waits for ever.</param>
    public void Enter(int gather, long time, int timeoutMilliseconds)
    {
        if (!_enabled)
        {
            Enable();
        }

        // Release: whoever sees the tail sees the entries before it.
        Volatile.Write(ref *_entriesTail, _filled);
        var submit = _filled - Volatile.Read(ref *_entriesHead);
        var timeout = stackalloc long[2];
        var wait = new UringWait { GatherMicroseconds = _canGather && gather > 1 ? (uint)(time / 1000) : 0 };
        var complete = timeoutMilliseconds == 0 ? 0 : _canGather ? (uint)Math.Max(1, gather) : 1;
        if (timeoutMilliseconds > 0)
        {
            timeout[0] = timeoutMilliseconds / 1000;
            timeout[1] = timeoutMilliseconds % 1000 * 1_000_000L;
            wait.Timeout = timeout;
        }

        var entered = Libc.IoUringEnter(_number, submit, complete, _enterFlags, wait);

        if (entered.Error is Errno.EINTR or Errno.ETIME && complete > 0)
        {
            // What came before the wait ended, or the process was stopped meanwhile, is to be among the completions.
            Enter(timeoutMilliseconds: 0);
            return;
        }

        // Nothing of it is lost: a signal or the end of the time only end the wait, and a kernel short of memory or of room for completions takes
        // the remaining entries the next time.
        if (entered.Error is not (Errno.None or Errno.EINTR or Errno.ETIME or Errno.EAGAIN or Errno.EBUSY))
        {
            entered.OrThrow("io_uring_enter");
        }
    }

    /// <summary>Takes the next completion, if there is one.</summary>
    public bool TryTake(out UringCompletion completion)
    {
        // Acquire: the completion is read after the tail that says it is there.
        if (_taken == Volatile.Read(ref *_completionsTail))
        {
            completion = default;
            return false;
        }

        completion = _completions[_taken++ & _completionsMask];

        // Release: the kernel may write over the place once it sees the head beyond it.
        Volatile.Write(ref *_completionsHead, _taken);
        return true;
    }

    /// <summary>io_uring_register(2) on this ring.</summary>
    public SysResult Register(uint operation, void* argument, uint count) => Libc.IoUringRegister(_fd.Number, operation, argument, count);

    public void Dispose()
    {
        Libc.Unmap(_rings, _ringsLength);
        Libc.Unmap((byte*)_entries, _capacity * (nuint)sizeof(UringEntry));
        _fd.Dispose();
    }

    private void Enable()
    {
        _enabled = true;
        Register(IoUring.RegisterEnableRings, null, 0).OrThrow("io_uring_register");

        // With its own table of rings the kernel need not look up the descriptor each time. Only this thread can use that, and not every kernel has it.
        var registration = new UringRingFd { Index = uint.MaxValue, Fd = (ulong)_fd.Number };
        if (Register(IoUring.RegisterRingFds, &registration, 1).Value == 1)
        {
            _number = (int)registration.Index;
            _enterFlags |= IoUring.EnterRegisteredRing;
        }
    }
}
