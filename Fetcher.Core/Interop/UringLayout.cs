using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

/// <summary>The numbers of linux/io_uring.h that fetcher uses.</summary>
internal static class IoUring
{
    /// <summary>Flags of io_uring_setup(2).</summary>
    public const uint SetupCompletionSize = 1 << 3, SetupClamp = 1 << 4, SetupDisabled = 1 << 6, SetupSubmitAll = 1 << 7,
        SetupSingleIssuer = 1 << 12, SetupDeferTaskRun = 1 << 13;

    /// <summary>What the kernel says it can do.</summary>
    public const uint FeatureSingleMap = 1 << 0, FeatureNoDrop = 1 << 1, FeatureExtendedWait = 1 << 8, FeatureSkipSuccess = 1 << 11,
        FeatureGather = 1 << 15;

    /// <summary>Flags of io_uring_enter(2).</summary>
    public const uint EnterGetEvents = 1 << 0, EnterExtendedWait = 1 << 3, EnterRegisteredRing = 1 << 4;

    /// <summary>Operations of io_uring_register(2).</summary>
    public const uint RegisterEnableRings = 12, RegisterRingFds = 20, RegisterBufferRing = 22;

    /// <summary>Where io_uring's descriptor is mapped: the two rings, and the submission entries.</summary>
    public const long RingsOffset = 0, EntriesOffset = 0x10000000;

    /// <summary>A bit of the submission ring's flags: completions found no room and are to be fetched with another io_uring_enter(2).</summary>
    public const uint CompletionsOverflowed = 1 << 1;

    public const byte OpPollAdd = 6, OpAsyncCancel = 14, OpSend = 26, OpReceive = 27;

    /// <summary>Flags of a submission entry.</summary>
    public const byte EntryBufferSelect = 1 << 5, EntrySkipSuccess = 1 << 6;

    /// <summary>Flags of sends and receives (in the entry's ioprio).</summary>
    public const ushort PollFirst = 1 << 0, Multishot = 1 << 1;

    /// <summary>Flags of a completion; the buffer's number is in the upper half.</summary>
    public const uint CompletionHasBuffer = 1 << 0, CompletionHasMore = 1 << 1;

    /// <summary>A flag of a buffer ring: a buffer is filled bit by bit until it is full, not given away whole (Linux 6.12).</summary>
    public const ushort BufferRingIncremental = 1 << 1;
}

/// <summary><c>struct io_uring_params</c> with the two offset structs in it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 120)]
internal struct UringParameters
{
    [FieldOffset(0)]
    public uint SubmissionEntries;

    [FieldOffset(4)]
    public uint CompletionEntries;

    [FieldOffset(8)]
    public uint Flags;

    [FieldOffset(20)]
    public uint Features;

    [FieldOffset(40)]
    public uint SubmissionHead;

    [FieldOffset(44)]
    public uint SubmissionTail;

    [FieldOffset(56)]
    public uint SubmissionFlags;

    [FieldOffset(64)]
    public uint SubmissionArray;

    [FieldOffset(80)]
    public uint CompletionHead;

    [FieldOffset(84)]
    public uint CompletionTail;

    [FieldOffset(100)]
    public uint Completions;
}

/// <summary><c>struct io_uring_sqe</c>: what the kernel is to do.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal struct UringEntry
{
    [FieldOffset(0)]
    public byte Operation;

    [FieldOffset(1)]
    public byte Flags;

    [FieldOffset(2)]
    public ushort SendReceiveFlags;

    [FieldOffset(4)]
    public int Fd;

    [FieldOffset(16)]
    public ulong Address;

    [FieldOffset(24)]
    public uint Length;

    /// <summary>Of a send or receive: the flags of send(2). Of a poll: the events.</summary>
    [FieldOffset(28)]
    public uint OperationFlags;

    [FieldOffset(32)]
    public ulong UserData;

    [FieldOffset(40)]
    public ushort BufferGroup;
}

/// <summary><c>struct io_uring_cqe</c>: what came of it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct UringCompletion
{
    [FieldOffset(0)]
    public ulong UserData;

    [FieldOffset(8)]
    public int Result;

    [FieldOffset(12)]
    public uint Flags;
}

/// <summary><c>struct io_uring_getevents_arg</c>: how long io_uring_enter(2) waits.</summary>
[StructLayout(LayoutKind.Explicit, Size = 24)]
internal unsafe struct UringWait
{
    /// <summary>Microseconds in which fewer completions than asked for do not end the wait (Linux 6.12).</summary>
    [FieldOffset(12)]
    public uint GatherMicroseconds;

    /// <summary>A timespec, or null to wait for ever.</summary>
    [FieldOffset(16)]
    public long* Timeout;
}

/// <summary><c>struct io_uring_rsrc_update</c>, as IORING_REGISTER_RING_FDS takes it.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct UringRingFd
{
    [FieldOffset(0)]
    public uint Index;

    [FieldOffset(8)]
    public ulong Fd;
}

/// <summary><c>struct io_uring_buf_reg</c>: where a ring of buffers is.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal struct UringBufferRegistration
{
    [FieldOffset(0)]
    public ulong Ring;

    [FieldOffset(8)]
    public uint Entries;

    [FieldOffset(12)]
    public ushort Group;

    [FieldOffset(14)]
    public ushort Flags;
}

/// <summary><c>struct io_uring_buf</c>: one buffer in a ring of buffers. The ring's tail lies over the last two bytes of the first.</summary>
[StructLayout(LayoutKind.Explicit, Size = 16)]
internal struct UringBuffer
{
    [FieldOffset(0)]
    public ulong Address;

    [FieldOffset(8)]
    public uint Length;

    [FieldOffset(12)]
    public ushort Number;

    [FieldOffset(14)]
    public ushort Tail;
}
