using System.Buffers;

namespace Fetcher.Core.Exchange;

/// <summary>What was received and is not parsed yet: in the loop's lent buffer, or kept over a wait.</summary>
internal sealed partial class Http1Exchange
{
    /// <summary>Copies unparsed input out of the lent buffer, before a wait during which others receive into it.</summary>
    public void Keep()
    {
        if (_input.IsEmpty || _kept is not null)
        {
            return;
        }

        _kept = ArrayPool<byte>.Shared.Rent(Math.Max(4096, 2 * _input.Length));
        _input.CopyTo(_kept);
        _input = _kept.AsMemory(0, _input.Length);
    }

    private void AddInput(ReadOnlyMemory<byte> received)
    {
        if (_kept is null)
        {
            _input = received;
            return;
        }

        // The unparsed rest may have moved on within the kept buffer; what is before it is done with.
        var length = _input.Length + received.Length;
        var grown = ArrayPool<byte>.Shared.Rent(Math.Max(4096, length));
        _input.CopyTo(grown);
        received.CopyTo(grown.AsMemory(_input.Length));
        ArrayPool<byte>.Shared.Return(_kept);
        _kept = grown;
        _input = grown.AsMemory(0, length);
    }

    private void DropKept()
    {
        _input = default;
        if (_kept is not null)
        {
            ArrayPool<byte>.Shared.Return(_kept);
            _kept = null;
        }
    }
}
