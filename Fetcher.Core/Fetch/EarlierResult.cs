using Fetcher.Core.Http;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Core.Fetch;

/// <summary>What an earlier run has recorded of a URL (<c>--revalidate</c>). One a slot, used for one URL after the other.</summary>
internal sealed class EarlierResult
{
    private readonly FetchResult _recorded = new();
    private bool _isKnown;

    /// <summary>Another URL comes.</summary>
    public void Forget() => _isKnown = false;

    /// <summary>Looks the URL of <paramref name="result"/> up.</summary>
    public void Find(PreviousRun run, FetchResult result) => _isKnown = run.TryFind(result.Url.Span, _recorded);

    /// <summary>
    /// The fields that ask for what has changed since then (RFC 9110, section 13.1); null for another URL than the one that answered then.
    /// </summary>
    public byte[]? ConditionFor(HttpUrl url)
    {
        if (!_isKnown || !url.Text.SequenceEqual(_recorded.FinalUrl.Span))
        {
            return null;
        }

        return (_recorded.ETag.Length, _recorded.LastModified.Length) switch
        {
            (0, _) => [.. "If-Modified-Since: "u8, .. _recorded.LastModified.Span, .. "\r\n"u8],
            (_, 0) => [.. "If-None-Match: "u8, .. _recorded.ETag.Span, .. "\r\n"u8],
            _ => [.. "If-None-Match: "u8, .. _recorded.ETag.Span, .. "\r\nIf-Modified-Since: "u8, .. _recorded.LastModified.Span, .. "\r\n"u8],
        };
    }

    /// <summary>Gives <paramref name="result"/> what was recorded, where the response says nothing newer.</summary>
    public void CopyTo(FetchResult result)
    {
        result.Sha256 = _recorded.Sha256;
        result.SavedAs = _recorded.SavedAs;
        result.ContentType ??= _recorded.ContentType;
        if (result.ETag.Length + result.LastModified.Length == 0)
        {
            result.ETag.Set(_recorded.ETag.Span);
            result.LastModified.Set(_recorded.LastModified.Span);
        }
    }
}
