namespace Fetcher.Core.Work.Journals;

/// <summary>
/// What a journal says, by the index of the work: eight bytes a URL, so that ten million take 80 MB. An entry is the place of the URL's
/// last line, part of the hash of its URL, and whether it was fetched.
/// </summary>
internal sealed class JournalIndex
{
    private const int PageBits = 16, HashBits = 23;
    private const long HashMask = (1L << HashBits) - 1;

    private readonly Dictionary<long, ulong[]> _pages = [];

    /// <summary>Notes a line. A later one stands for an earlier, but nothing undoes that a URL was fetched.</summary>
    /// <returns>False when the journal has another URL at this index.</returns>
    public bool Add(long index, long urlHash, long offset, bool ok)
    {
        if (!_pages.TryGetValue(index >> PageBits, out var page))
        {
            _pages[index >> PageBits] = page = new ulong[1 << PageBits];
        }

        ref var entry = ref page[index & ((1 << PageBits) - 1)];
        if (entry != 0 && HashOf(entry) != (urlHash & HashMask))
        {
            return false;
        }

        if ((entry & 1) == 0)
        {
            entry = ((ulong)(offset + 1) << (HashBits + 1)) | ((ulong)(urlHash & HashMask) << 1) | (ok ? 1UL : 0);
        }

        return true;
    }

    /// <summary>Looks an index up.</summary>
    /// <returns>False when the journal has another URL there.</returns>
    /// <param name="index">Place in the work.</param>
    /// <param name="urlHash">Hash of the URL of the list.</param>
    /// <param name="offset">Where the line of a URL that was fetched begins; else -1.</param>
    public bool TryFind(long index, long urlHash, out long offset)
    {
        offset = -1;
        var entry = _pages.TryGetValue(index >> PageBits, out var page) ? page[index & ((1 << PageBits) - 1)] : 0;
        if (entry == 0)
        {
            return true;
        }

        offset = (entry & 1) == 1 ? (long)(entry >> (HashBits + 1)) - 1 : -1;
        return HashOf(entry) == (urlHash & HashMask);
    }

    private static long HashOf(ulong entry) => (long)(entry >> 1) & HashMask;
}
