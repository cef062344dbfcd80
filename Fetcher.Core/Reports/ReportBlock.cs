namespace Fetcher.Core.Reports;

/// <summary>
/// Bytes on their way to a <see cref="ReportOutput"/>'s stream. The producer commits and seals; the writing thread takes; neither waits
/// for the other.
/// </summary>
internal sealed class ReportBlock(int size)
{
    private readonly byte[] _bytes = new byte[size];
    private int _committed;
    private int _taken;
    private ReportBlock? _next;

    public int Size => _bytes.Length;

    /// <summary>The block after this one, once this one is sealed.</summary>
    public ReportBlock? Next => Volatile.Read(ref _next);

    /// <summary>For the producer: what has not been committed.</summary>
    public Memory<byte> Free => _bytes.AsMemory(_committed);

    /// <summary>For the producer: <paramref name="count"/> more bytes will not change any more.</summary>
    public void Commit(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_bytes.Length - _committed), nameof(count));
        Volatile.Write(ref _committed, _committed + count);
    }

    /// <summary>For the producer: nothing will be committed any more; it goes on in <paramref name="next"/>.</summary>
    public void SealWith(ReportBlock next) => Volatile.Write(ref _next, next);

    /// <summary>For the writing thread: what was committed since the last time.</summary>
    public ReadOnlyMemory<byte> TakeCommitted()
    {
        var start = _taken;
        _taken = Volatile.Read(ref _committed);
        return _bytes.AsMemory(start, _taken - start);
    }

    /// <summary>
    /// Blocks to use again: one thread gives, another takes, without a lock. A taker alone needs no protection against a block that was
    /// taken and given back while it looked. As many are kept as ever waited at once.
    /// </summary>
    public sealed class Spares
    {
        private ReportBlock? _top;

        public void Give(ReportBlock block)
        {
            block._committed = block._taken = 0;
            ReportBlock? top;
            do
            {
                top = Volatile.Read(ref _top);
                block._next = top;
            }
            while (Interlocked.CompareExchange(ref _top, block, top) != top);
        }

        public ReportBlock? TryTake()
        {
            while (Volatile.Read(ref _top) is { } top)
            {
                if (Interlocked.CompareExchange(ref _top, top._next, top) == top)
                {
                    top._next = null;
                    return top;
                }
            }

            return null;
        }
    }
}
