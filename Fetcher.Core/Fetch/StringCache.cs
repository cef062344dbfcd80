using System.Text;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>Strings for the few byte values that come again and again, such as content types. Bounded: strangers choose the values.</summary>
internal sealed class StringCache
{
    private const int Capacity = 256;
    private const int LongestKept = 128;

    private readonly Utf8Text _last = new();
    private string? _lastText;

    // Made with the second value: most lists have one, and there is a cache for each transfer under way.
    private Dictionary<byte[], string>? _known;

    /// <summary>The text of <paramref name="value"/>, or null when it is empty.</summary>
    public string? Get(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return null;
        }

        if (_last.Span.SequenceEqual(value))
        {
            return _lastText;
        }

        var text = _lastText is null ? Encoding.Latin1.GetString(value) : Find(value);
        _last.Set(value);
        return _lastText = text;
    }

    private string Find(ReadOnlySpan<byte> value)
    {
        _known ??= new Dictionary<byte[], string>(Utf8Comparer.Instance);
        var known = _known.GetAlternateLookup<ReadOnlySpan<byte>>();
        if (!known.TryGetValue(value, out var text))
        {
            text = Encoding.Latin1.GetString(value);
            if (_known.Count < Capacity && value.Length <= LongestKept)
            {
                known[value] = text;
            }
        }

        return text;
    }
}
