namespace Fetcher.Core.Fetch;

/// <summary>Makes a URL of a line of the list.</summary>
internal static class UrlLine
{
    /// <summary>Reads <see cref="Transfer.Item"/> into <see cref="Transfer.Url"/>.</summary>
    /// <returns>What is wrong with the line, and where it stands; null when it is a URL.</returns>
    public static FetchError? Parse(Transfer transfer, FetchOptions options)
    {
        var item = transfer.Item;
        var reason = item.Problem ?? WhyNotSaved(item, options);
        if (reason is null && transfer.Url.TryParse(item.Text.Span, out reason))
        {
            transfer.Result.Url.Set(item.Text.Span);
            if (!transfer.Url.UserInfo.IsEmpty)
            {
                transfer.Result.Url.Set(UserInfo.Remove(item.Text.ToString()));
            }

            transfer.Hsts?.Upgrade(transfer.Url);
            return null;
        }

        transfer.Result.Url.Set(UserInfo.Remove(item.Text.ToString()));
        var place = item.Line > 0 ? $"{item.Origin}:{item.Line}: " : "";
        return Failures.BadUrl.Of(place, reason);
    }

    private static string? WhyNotSaved(UrlItem item, FetchOptions options) => item.Options?.SaveAs is not null && options.OutputDir is null
        ? "save_as needs --output-dir, the folder to save in"
        : null;
}
