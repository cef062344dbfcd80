using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>
/// The proxies that the environment names, as curl reads it: the lowercase variable first; no HTTP_PROXY, which a web server sets for its scripts from a
/// request's field; and an empty variable is none (curl(1), ENVIRONMENT).
/// </summary>
internal sealed class ProxyEnvironment(Func<string, string?> read)
{
    /// <summary>The proxy of http URLs, or null.</summary>
    /// <exception cref="UsageException">The variable holds no address of a proxy.</exception>
    public ProxyAddress? ForHttp() => First("http_proxy", "all_proxy", "ALL_PROXY");

    /// <summary>The proxy of https URLs, or null.</summary>
    /// <exception cref="UsageException">The variable holds no address of a proxy.</exception>
    public ProxyAddress? ForHttps() => First("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY");

    /// <summary>The hosts that need no proxy.</summary>
    public string Except() => Read("no_proxy") ?? Read("NO_PROXY") ?? "";

    private ProxyAddress? First(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Read(name) is { } text)
            {
                try
                {
                    return ProxyText.Parse(text);
                }
                catch (FormatException e)
                {
                    throw new UsageException($"the environment variable {name}: {e.Message}");
                }
            }
        }

        return null;
    }

    private string? Read(string name) => read(name) is { Length: > 0 } value ? value : null;
}
