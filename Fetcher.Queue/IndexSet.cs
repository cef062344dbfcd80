namespace Fetcher.Queue;

/// <summary>Which indices of a list were seen: a bit each.</summary>
internal sealed class IndexSet
{
    private const int BitsInWord = 64;

    private ulong[] _words = [];

    public long Count { get; private set; }

    /// <summary>Adds an index; false when it is in already.</summary>
    public bool Add(long index)
    {
        var (word, bit) = (checked((int)(index / BitsInWord)), 1UL << (int)(index % BitsInWord));
        if (word >= _words.Length)
        {
            Array.Resize(ref _words, Math.Max(word + 1, Math.Max(1024, 2 * _words.Length)));
        }

        if ((_words[word] & bit) != 0)
        {
            return false;
        }

        _words[word] |= bit;
        Count++;
        return true;
    }
}
