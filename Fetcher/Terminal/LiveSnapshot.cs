using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Terminal;

/// <summary>A run as the live view shows it.</summary>
internal sealed record LiveSnapshot
{
    /// <summary>URLs that have ended.</summary>
    public required long Done { get; init; }

    /// <summary>URLs in all, or null while that is not known.</summary>
    public required long? Total { get; init; }

    /// <summary>Transfers under way.</summary>
    public required int InFlight { get; init; }

    /// <summary>Body bytes received.</summary>
    public required long Bytes { get; init; }

    /// <summary>The statuses so far, with their numbers.</summary>
    public required IReadOnlyList<(int Status, long Count)> Statuses { get; init; }

    /// <summary>The failures by kind, most frequent first.</summary>
    public required IReadOnlyList<(FetchErrorKind Kind, long Count)> Failures { get; init; }

    /// <summary>The hosts with the slowest transfers, slowest first.</summary>
    public required IReadOnlyList<SlowHost> SlowestHosts { get; init; }
}
