using System.Text;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>Strings for the few byte values that come again and again, such as content types. Bounded: strangers choose the values. Safe for several threads.</summary>
internal sealed class StringCache
{
    /// <summary>How many values are kept.</summary>
    public const int Capacity = 256;

    private const int LongestKept = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<byte[], Entry> _kept = new(Utf8Comparer.Instance);
    private volatile Entry? _last;

    /// <summary>The text of <paramref name="value"/>, or null when it is empty.</summary>
    public string? Get(ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty)
        {
            return null;
        }

        // Most lists have one value.
        return _last is { } last && value.SequenceEqual(last.Value) ? last.Text : (_last = Find(value)).Text;
    }

    private Entry Find(ReadOnlySpan<byte> value)
    {
        lock (_gate)
        {
            if (!_kept.GetAlternateLookup<ReadOnlySpan<byte>>().TryGetValue(value, out var entry))
            {
                entry = new Entry(value.ToArray(), Encoding.Latin1.GetString(value));
                if (_kept.Count < Capacity && value.Length <= LongestKept)
                {
                    _kept.Add(entry.Value, entry);
                }
            }

            return entry;
        }
    }

    private sealed record Entry(byte[] Value, string Text);
}
