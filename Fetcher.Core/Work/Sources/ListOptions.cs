namespace Fetcher.Core.Work.Sources;

/// <summary>How the SOURCEs of a list are read.</summary>
/// <param name="Globs">Whether the URLs among them may be patterns that stand for several (<see cref="UrlGlob"/>).</param>
/// <param name="Dedupe">Whether a URL that the list has had already is left out (<see cref="DistinctUrls"/>).</param>
/// <param name="DefaultScheme">The scheme of lines that have none, or null when they are no URLs.</param>
internal sealed record ListOptions(bool Globs = false, bool Dedupe = false, string? DefaultScheme = null);
