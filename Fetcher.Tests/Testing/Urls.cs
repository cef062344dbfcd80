using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Testing;

/// <summary>URLs of tests.</summary>
internal static class Urls
{
    /// <summary>A URL that has to be valid.</summary>
    public static HttpUrl Of(string text)
    {
        var url = new HttpUrl();
        url.TryParse(Encoding.UTF8.GetBytes(text), out var reason).ShouldBeTrue(reason);
        return url;
    }
}
