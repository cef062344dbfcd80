using System.Buffers;

namespace Fetcher.Core.Fetch;

/// <summary>The beginning of a body, in memory.</summary>
/// <param name="most">Bytes that are kept at most.</param>
internal sealed class BodyText(int most)
{
    private readonly ArrayBufferWriter<byte> _bytes = new();

    /// <summary>Whether the body is longer.</summary>
    public bool IsFull { get; private set; }

    public ReadOnlySpan<byte> Written => _bytes.WrittenSpan;

    public void Clear()
    {
        _bytes.Clear();
        IsFull = false;
    }

    /// <summary>Takes a run of the body.</summary>
    /// <exception cref="FetchException">There is enough of it.</exception>
    public void Write(ReadOnlySpan<byte> run)
    {
        IsFull = _bytes.WrittenCount + run.Length > most;
        _bytes.Write(run[..Math.Min(run.Length, most - _bytes.WrittenCount)]);
        if (IsFull)
        {
            throw Failures.TextTooLong.Of(most).Thrown();
        }
    }
}
