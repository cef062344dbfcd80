using System.Buffers;

namespace Fetcher.Core.Exchange;

/// <summary>What has come of a body and has not been read: copies, since what is received is lent.</summary>
internal sealed class Http2Body
{
    private readonly Queue<(byte[] Bytes, int Length)> _waiting = new();
    private byte[]? _lent;
    private int _start;

    public bool IsEmpty => _waiting.Count == 0;

    /// <summary>How much there is, in bytes.</summary>
    public int Length { get; private set; }

    public void Add(ReadOnlySpan<byte> run)
    {
        if (run.IsEmpty)
        {
            return;
        }

        var bytes = ArrayPool<byte>.Shared.Rent(run.Length);
        run.CopyTo(bytes);
        _waiting.Enqueue((bytes, run.Length));
        Length += run.Length;
    }

    /// <summary>Takes the next run, of at most so many bytes. It is lent until the next call.</summary>
    public ReadOnlyMemory<byte> Take(int most)
    {
        GiveBack();
        var (bytes, length) = _waiting.Peek();
        var run = bytes.AsMemory(_start, Math.Min(most, length - _start));
        _start += run.Length;
        Length -= run.Length;
        if (_start == length)
        {
            _waiting.Dequeue();
            (_lent, _start) = (bytes, 0);
        }

        return run;
    }

    /// <summary>Drops what there is.</summary>
    public void Clear()
    {
        GiveBack();
        while (_waiting.TryDequeue(out var run))
        {
            ArrayPool<byte>.Shared.Return(run.Bytes);
        }

        (_start, Length) = (0, 0);
    }

    private void GiveBack()
    {
        if (_lent is not null)
        {
            ArrayPool<byte>.Shared.Return(_lent);
            _lent = null;
        }
    }
}
