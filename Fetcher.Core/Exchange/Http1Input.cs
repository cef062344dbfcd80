using System.Buffers;

namespace Fetcher.Core.Exchange;

/// <summary>
/// What was received and is not read yet, in the buffer that was lent for it or, over a wait, in one of its own; and the run of body bytes that was read last. A
/// part of the exchange, never copied.
/// </summary>
/// <remarks>Moves on by numbers: a slice of a memory is another reference to store, though its array is the same (bench/NOTES.md).</remarks>
internal struct Http1Input
{
    private const int LeastKept = 4096;

    private byte[]? _bytes;
    private byte[]? _kept;
    private int _start;
    private int _runStart;
    private int _runLength;

    /// <summary>Bytes that are not read yet.</summary>
    public int Length { get; private set; }

    public readonly bool IsEmpty => Length == 0;

    /// <summary>The bytes that are not read yet.</summary>
    public readonly ReadOnlySpan<byte> Unread => new(_bytes, _start, Length);

    /// <summary>The run that was read last.</summary>
    public readonly ReadOnlyMemory<byte> Run => new(_bytes, _runStart, _runLength);

    /// <summary>Adds what was received.</summary>
    /// <param name="buffer">Where it is, at the start; lent.</param>
    /// <param name="length">How much it is.</param>
    public void Add(ArraySegment<byte> buffer, int length)
    {
        EndRun();
        if (_kept is null)
        {
            Kept.Set(ref _bytes, buffer.Array);
            (_start, Length) = (buffer.Offset, length);
            return;
        }

        // The unread rest may have moved on within the kept buffer; what is before it is done with.
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(LeastKept, Length + length));
        Unread.CopyTo(grown);
        buffer.AsSpan(0, length).CopyTo(grown.AsSpan(Length));
        ArrayPool<byte>.Shared.Return(_kept);
        _bytes = _kept = grown;
        (_start, Length) = (0, Length + length);
    }

    /// <summary>Passes over bytes that have been read.</summary>
    public void Skip(int length) => (_start, Length) = (_start + length, Length - length);

    /// <summary>Reads the next bytes as a run.</summary>
    public void TakeRun(int length) => TakeRun(offset: 0, length, consumed: length);

    /// <summary>Reads a run that stands among the next bytes.</summary>
    /// <param name="offset">How far ahead it begins.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="consumed">How many bytes have been read with it.</param>
    public void TakeRun(int offset, int length, int consumed)
    {
        (_runStart, _runLength) = (_start + offset, length);
        Skip(consumed);
    }

    /// <summary>The run that was read last is done with.</summary>
    public void EndRun() => (_runStart, _runLength) = (0, 0);

    /// <summary>Copies what is not read out of the lent buffer, before a wait during which others receive into it.</summary>
    public void Keep()
    {
        if (IsEmpty || _kept is not null)
        {
            return;
        }

        EndRun();
        _kept = ArrayPool<byte>.Shared.Rent(Math.Max(LeastKept, 2 * Length));
        Unread.CopyTo(_kept);
        (_bytes, _start) = (_kept, 0);
    }

    /// <summary>Forgets all of it.</summary>
    public void Clear()
    {
        EndRun();
        Length = 0;
        if (_kept is not null)
        {
            ArrayPool<byte>.Shared.Return(_kept);
            _bytes = _kept = null;
        }
    }
}
