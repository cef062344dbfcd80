using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// Remembers where the last transfers that waited for their loop were drawn, since what they waited for is known only once the run has ended. Fixed
/// memory.
/// </summary>
internal sealed class StalledTransfers
{
    /// <summary>More than the stalls that loops keep to be drawn.</summary>
    private const int Capacity = 16 * 1024;

    private readonly Dictionary<long, Place> _places = [];
    private readonly Queue<long> _oldest = new();

    /// <summary>Remembers a transfer; the oldest is forgotten when there are too many.</summary>
    public void Add(long index, Place place)
    {
        if (_places.Count == Capacity)
        {
            _places.Remove(_oldest.Dequeue());
        }

        _oldest.Enqueue(index);
        _places[index] = place;
    }

    /// <summary>Where the transfer was drawn, or null.</summary>
    public Place? Find(long index) => _places.TryGetValue(index, out var place) ? place : null;

    /// <summary>Where a transfer was drawn.</summary>
    /// <param name="Track">Its track.</param>
    /// <param name="Drawn">From when on it is drawn, in nanoseconds from the start of the run.</param>
    /// <param name="Begun">When the first of its phases from <see cref="Phase.Dns"/> on began.</param>
    /// <param name="Phases">Its phases.</param>
    internal readonly record struct Place(int Track, long Drawn, long Begun, PhaseDurations Phases)
    {
        /// <summary>The parts of a stretch of time that lie within one phase each: a slice must not reach beyond the one around it.</summary>
        public IEnumerable<(long From, long To)> Split(long from, long to)
        {
            var start = Begun;
            for (var phase = Phase.Dns; phase <= Phase.Receive; phase++)
            {
                var end = start + Phases[phase];
                var part = (From: Math.Max(from, Math.Max(start, Drawn)), To: Math.Min(to, end));
                if (part.To > part.From)
                {
                    yield return part;
                }

                start = end;
            }
        }
    }
}
