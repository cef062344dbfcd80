using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Commands;

/// <summary>
/// Whether a list is of several hosts, so that the names of its bodies need theirs. It looks no further than the second host, and reads no pipe, of which
/// nothing can be known before it is worked off.
/// </summary>
internal static class ListHosts
{
    /// <summary>How many lines are looked at. That is always the same for the same list, and with it the names.</summary>
    private const int MostLines = 100_000;

    /// <summary>The template for the names of bodies, when none was given.</summary>
    public static string TemplateFor(IReadOnlyList<string> sources, ListOptions? options) => AreSeveral(sources, options) ? "{host}/{name}" : "{name}";

    private static bool AreSeveral(IReadOnlyList<string> sources, ListOptions? options)
    {
        string[] readable = [.. sources.Where(IsReadable)];
        if (readable.Length == 0)
        {
            return false;
        }

        using var source = UrlSource.Open(readable, options: options is null ? null : options with { Dedupe = false });
        var (item, url, lines) = (new UrlItem(), new HttpUrl(), 0);
        string? first = null;
        for (TakeStatus status; lines < MostLines && (status = source.TryTake(item)) != TakeStatus.End;)
        {
            if (status == TakeStatus.Empty)
            {
                using var ready = new ManualResetEventSlim();
                source.NotifyWhenReady(ready.Set);
                ready.Wait();
                continue;
            }

            lines++;
            if (item.Problem is null && url.TryParse(item.Text.Span, out _))
            {
                first ??= url.HostString;
                if (url.HostString != first)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static bool IsReadable(string source) =>
        source != "-" && (UrlInput.IsUrl(source) || !Path.Exists(source) || (!Libc.Stat(source, out var facts).IsError && facts.IsRegular));
}
