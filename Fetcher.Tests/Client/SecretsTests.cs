using Fetcher.Core;

namespace Fetcher.Tests.Client;

/// <summary>What a program logs of what it gave us has no secrets in it.</summary>
public sealed class SecretsTests
{
    [Fact]
    public void Options_as_text_give_no_secret_away()
    {
        var options = new FetchOptions
        {
            Credentials = "me:secret",
            Headers = [new("Authorization", "Bearer secret")],
            Proxies = new ProxyOptions(new ProxyAddress(ProxyScheme.Http, "proxy", 1, "me:secret"), null, NoProxyList.Empty),
        };

        options.ToString().ShouldBe("FetchOptions { Mode = async, Concurrency = 64 }");
        $"{options.Headers[0]} {options.Proxies}".ShouldNotContain("secret");
    }

    [Fact]
    public void A_request_as_text_is_its_URL_without_user_info() =>
        new FetchRequest("http://me:secret@host/path") { Headers = [new("Cookie", "secret")] }.ToString().ShouldBe("http://host/path");
}
