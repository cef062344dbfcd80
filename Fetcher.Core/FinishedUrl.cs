namespace Fetcher.Core;

/// <summary>A URL that has its result.</summary>
/// <param name="item">The line of the list.</param>
/// <param name="result">What became of it.</param>
internal readonly struct FinishedUrl(UrlItem item, FetchResult result)
{
    public UrlItem Item => item;

    public FetchResult Result => result;
}
