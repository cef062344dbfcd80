namespace Fetcher.Terminal;

/// <summary>How far a run has come.</summary>
/// <param name="Done">URLs that have ended.</param>
/// <param name="Total">URLs in all, or null while the list is still being read.</param>
/// <param name="InFlight">Transfers under way.</param>
/// <param name="Failed">Of the ended URLs, those that failed.</param>
/// <param name="Bytes">Body bytes received.</param>
internal readonly record struct ProgressSnapshot(long Done, long? Total, int InFlight, long Failed, long Bytes);
