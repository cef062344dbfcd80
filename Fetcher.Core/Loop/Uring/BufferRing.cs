using System.Runtime.InteropServices;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Loop.Uring;

/// <summary>
/// Buffers that the kernel receives into, whichever socket has news (io_uring_register_buf_ring(3)): ten thousand waiting sockets share them. What was
/// received is lent as a slice; a buffer goes back to the kernel when it is used up and all its slices have been given back.
/// </summary>
internal sealed unsafe class BufferRing : IDisposable
{
    private const ushort Group = 0;
    private const int LargeSize = 128 * 1024;
    private const int SmallSize = 16 * 1024;

    private readonly byte[] _memory;
    private readonly int _size;
    private readonly bool _incremental;
    private readonly UringBuffer* _ring;
    private readonly uint _mask;
    private readonly int[] _filled;
    private readonly int[] _lent;
    private ushort _tail;

    private BufferRing(UringBuffer* ring, int count, int size, bool incremental)
    {
        _ring = ring;
        _mask = (uint)count - 1;
        _size = size;
        _incremental = incremental;
        _memory = GC.AllocateUninitializedArray<byte>(count * size, pinned: true);
        _filled = new int[count];
        _lent = new int[count];
        for (var i = 0; i < count; i++)
        {
            Provide(i);
        }
    }

    /// <summary>How many buffers the kernel has to receive into.</summary>
    public int Provided { get; private set; }

    /// <summary>Makes the buffers and tells <paramref name="ring"/> of them; null where the kernel has no such thing (before Linux 5.19).</summary>
    /// <param name="ring">Whose receives use the buffers.</param>
    /// <param name="total">Bytes over all buffers.</param>
    /// <param name="most">What to use at most.</param>
    public static BufferRing? TryCreate(UringRing ring, int total, UringLevel most)
    {
        // Buffers that are shared can be large; otherwise a response of a few bytes takes a whole one, so these are small.
        var shared = most < UringLevel.SharedBuffers ? null : TryCreate(ring, total / LargeSize, LargeSize, incremental: true);
        return shared ?? TryCreate(ring, total / SmallSize, SmallSize, incremental: false);
    }

    /// <summary>Has the receive of <paramref name="entry"/> pick a buffer when there is something to receive.</summary>
    public static void Select(ref UringEntry entry)
    {
        entry.Flags |= IoUring.EntryBufferSelect;
        entry.BufferGroup = Group;
    }

    /// <summary>Lends what a completion says was received.</summary>
    public Slice Take(in UringCompletion completion)
    {
        var number = (int)(completion.Flags >> 16);
        var length = Math.Max(0, completion.Result);
        var slice = new Slice(_memory, (number * _size) + _filled[number], length, number);
        _filled[number] = _incremental ? _filled[number] + length : _size;
        _lent[number]++;
        if (_filled[number] == _size)
        {
            Provided--;
        }

        return slice;
    }

    /// <summary>Takes a slice back.</summary>
    public void GiveBack(in Slice slice)
    {
        var number = slice.Buffer;
        LentMemory.Overwrite(slice.Array.AsSpan(slice.Offset, slice.Length));
        if (--_lent[number] == 0 && _filled[number] == _size)
        {
            Provide(number);
        }
    }

    /// <summary>Frees the ring of buffers. Only after the ring that knows it is closed, and no receive is under way.</summary>
    public void Dispose() => NativeMemory.AlignedFree(_ring);

    private static BufferRing? TryCreate(UringRing ring, int count, int size, bool incremental)
    {
        var length = (nuint)count * (nuint)sizeof(UringBuffer);
        var memory = (UringBuffer*)NativeMemory.AlignedAlloc(length, (nuint)Environment.SystemPageSize);
        NativeMemory.Clear(memory, length);
        var registration = new UringBufferRegistration
        {
            Ring = (ulong)memory,
            Entries = (uint)count,
            Group = Group,
            Flags = incremental ? IoUring.BufferRingIncremental : (ushort)0,
        };
        if (!ring.Register(IoUring.RegisterBufferRing, &registration, 1).IsError)
        {
            return new BufferRing(memory, count, size, incremental);
        }

        NativeMemory.AlignedFree(memory);
        return null;
    }

    private void Provide(int number)
    {
        _filled[number] = 0;
        Provided++;
        ref var place = ref _ring[_tail & _mask];
        place.Address = (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(_memory, number * _size);
        place.Length = (uint)_size;
        place.Number = (ushort)number;

        // Release: the kernel sees the buffer before the tail that offers it.
        Volatile.Write(ref _ring->Tail, ++_tail);
    }
}
