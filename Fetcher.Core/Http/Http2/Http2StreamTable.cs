using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace Fetcher.Core.Http.Http2;

/// <summary>
/// The open streams of a connection by their numbers. A client's numbers are odd and only grow, so that each has a place of its own in a ring, and no hash is
/// needed (bench/NOTES.md); a stream that still stands there when the ring has come round moves to a dictionary.
/// </summary>
internal sealed class Http2StreamTable : IEnumerable<Http2Stream>
{
    /// <summary>More than most servers allow at once. A power of two.</summary>
    private const int Places = 256;

    private readonly Http2Stream?[] _ring = new Http2Stream?[Places];
    private readonly Dictionary<int, Http2Stream> _overtaken = [];

    /// <summary>Streams in it.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a stream whose number is larger than that of any before.</summary>
    public void Add(Http2Stream stream)
    {
        ref var place = ref PlaceOf(stream.Id);
        if (place is { } overtaken)
        {
            _overtaken.Add(overtaken.Id, overtaken);
        }

        place = stream;
        Count++;
    }

    /// <summary>Finds a stream that has not been removed.</summary>
    public bool TryGet(int id, [NotNullWhen(true)] out Http2Stream? stream)
    {
        stream = PlaceOf(id);
        return stream?.Id == id || _overtaken.TryGetValue(id, out stream);
    }

    /// <summary>Takes a stream out, if it is in it.</summary>
    public void Remove(Http2Stream stream)
    {
        ref var place = ref PlaceOf(stream.Id);
        if (place == stream)
        {
            place = null;
            Count--;
        }
        else if (_overtaken.Remove(stream.Id))
        {
            Count--;
        }
    }

    /// <inheritdoc/>
    public IEnumerator<Http2Stream> GetEnumerator() => _overtaken.Values.Concat(_ring.OfType<Http2Stream>()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ref Http2Stream? PlaceOf(int id) => ref _ring[(id >> 1) & (Places - 1)];
}
