using Fetcher.Core;
using Fetcher.Core.Timing;

namespace Fetcher.Terminal;

/// <summary>How far a run has come.</summary>
/// <param name="Done">URLs that have ended.</param>
/// <param name="Total">URLs in all, or null while the list is still being read.</param>
/// <param name="InFlight">Transfers under way.</param>
/// <param name="Bytes">Body bytes received.</param>
/// <param name="Failures">The failures of the ended URLs by kind, most frequent first.</param>
/// <param name="Slowest">The host with the slowest transfer that has ended, or null.</param>
internal sealed record ProgressSnapshot(
    long Done, long? Total, int InFlight, long Bytes, IReadOnlyList<(FetchErrorKind Kind, long Count)> Failures, SlowHost? Slowest = null);

/// <summary>How fast a run goes on, of late.</summary>
/// <param name="Urls">URLs that end in a second.</param>
/// <param name="Bytes">Body bytes that are received in a second.</param>
internal readonly record struct ProgressRates(double Urls, double Bytes);
