using System.Net;
using System.Text;
using System.Text.Json;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

public sealed class LabRoutesTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Fact]
    public async Task Get_tells_method_url_and_fields()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "http://h.example/get?a=1&b=%20");
        request.Headers.Add("X-Field", "value");
        var echo = await JsonAsync(await lab.Client.SendAsync(request));

        echo.GetProperty("method").GetString().ShouldBe("POST");
        echo.GetProperty("url").GetString().ShouldBe("http://h.example/get?a=1&b=%20");
        echo.GetProperty("headers").GetProperty("X-Field").GetString().ShouldBe("value");
    }

    [Fact]
    public async Task Get_over_tls_has_an_https_url()
    {
        var echo = await JsonAsync(await lab.Client.GetAsync("https://h.example/get"));

        echo.GetProperty("url").GetString().ShouldBe("https://h.example/get");
    }

    [Fact]
    public async Task Headers_tells_the_fields()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://h/headers") { Headers = { { "X-Field", "value" } } };

        (await JsonAsync(await lab.Client.SendAsync(request))).GetProperty("headers").GetProperty("X-Field").GetString().ShouldBe("value");
    }

    [Theory]
    [InlineData("/json", "application/json", "chapters")]
    [InlineData("/html", "text/html", "<h1>")]
    [InlineData("/xml", "application/xml", "<lesson")]
    [InlineData("/robots.txt", "text/plain", "Disallow: /deny")]
    [InlineData("/ip", "application/json", "127.0.0.1")]
    [InlineData("/uuid", "application/json", "\"uuid\"")]
    [InlineData("/anything/at/all", "application/json", "anything/at/all")]
    [InlineData("/base64/aGVsbG8", "text/plain", "hello")]
    [InlineData("/links/3/1", "text/html", "<a href='/links/3/2'>")]
    [InlineData("/response-headers?X-Own=yes", "application/json", "yes")]
    [InlineData("/cache/60", "application/json", "cache/60")]
    [InlineData("/encoding/utf8", "text/html", "проба")]
    [InlineData("/image", "image/png", "PNG")]
    [InlineData("/image/svg", "image/svg+xml", "<rect")]
    public async Task The_rest_of_httpbins_paths_answer(string path, string type, string words)
    {
        using var response = await lab.Client.GetAsync($"http://h{path}");

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        response.Content.Headers.ContentType!.MediaType.ShouldBe(type);
        (await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain(words);
    }

    [Theory]
    [InlineData("/bytes/x")]
    [InlineData("/bytes/-1")]
    [InlineData("/status/100")]
    [InlineData("/redirect/0")]
    [InlineData("/status/ok")]
    [InlineData("/fault/none")]
    [InlineData("/stream/1000")]
    [InlineData("/links")]
    [InlineData("/image/gif")]
    public async Task What_is_nearly_a_route_is_not_found(string path) =>
        (await lab.Client.GetAsync($"http://h{path}")).StatusCode.ShouldBe(HttpStatusCode.NotFound);

    [Theory]
    [InlineData("/", HttpStatusCode.OK)]
    [InlineData("/get", HttpStatusCode.OK)]
    [InlineData("/any?body=10", HttpStatusCode.OK)]
    [InlineData("/jsno", HttpStatusCode.NotFound)]
    [InlineData("/any/path", HttpStatusCode.NotFound)]
    public async Task At_its_own_address_a_path_that_is_no_route_is_not_found_and_a_site_has_pages_everywhere(string path, HttpStatusCode status)
    {
        foreach (var host in (string[])["127.0.0.1", "localhost", "[::1]"])
        {
            (await lab.Client.GetAsync($"http://{host}{path}")).StatusCode.ShouldBe(status, host);
        }

        (await lab.Client.GetAsync($"http://site.example{path}")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_lab_that_stands_in_for_sites_has_pages_everywhere()
    {
        await using var origin = await LabOrigin.StartAsync(new LabOptions { StandsInForSites = true, Body = 10, Delay = TimeSpan.Zero, Pace = 0 }, default);
        using var client = LabClient.For(origin);

        (await client.GetAsync("http://localhost/any/path")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("/relative-redirect/2", "/redirect/1")]
    [InlineData("/absolute-redirect/2", "http://h/absolute-redirect/1")]
    [InlineData("/cookies/delete?a", "/cookies")]
    [InlineData("/cookies/set/a/b", "/cookies")]
    public async Task Httpbins_redirects_lead_on(string path, string location) =>
        (await lab.Client.GetAsync($"http://h{path}")).Headers.Location!.OriginalString.ShouldBe(location);

    [Fact]
    public async Task Lines_are_streamed_and_cookies_echoed()
    {
        (await lab.Client.GetStringAsync("http://h/stream/3")).Split('\n').Length.ShouldBe(4);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://h/cookies") { Headers = { { "Cookie", "a=b" } } };
        (await JsonAsync(await lab.Client.SendAsync(request))).GetProperty("cookies").GetProperty("a").GetString().ShouldBe("b");
        using var set = await lab.Client.GetAsync("http://h/cookies/set?c=d");
        set.Headers.GetValues("Set-Cookie").ShouldContain(cookie => cookie.StartsWith("c=d", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_validator_is_answered_by_304_and_a_field_asked_for_is_sent()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://h/cache") { Headers = { { "If-None-Match", "\"cache\"" } } };
        (await lab.Client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.NotModified);
        (await lab.Client.GetAsync("http://h/response-headers?X-Own=yes")).Headers.GetValues("X-Own").ShouldBe(["yes"]);
    }

    [Theory]
    [InlineData("/bearer", "Bearer", "Bearer x")]
    [InlineData("/basic-auth/me/secret", "Basic", "Basic bWU6c2VjcmV0")]
    public async Task Who_knows_the_secret_is_let_in(string path, string scheme, string authorization)
    {
        using var refused = await lab.Client.GetAsync($"http://h{path}");
        (refused.StatusCode, refused.Headers.WwwAuthenticate.Single().Scheme).ShouldBe((HttpStatusCode.Unauthorized, scheme));
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://h{path}") { Headers = { { "Authorization", authorization } } };
        (await lab.Client.SendAsync(request)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Theory]
    [InlineData("secret", HttpStatusCode.OK)]
    [InlineData("wrong", HttpStatusCode.Unauthorized)]
    public async Task Digest_authentication_is_spoken(string password, HttpStatusCode status)
    {
        using var handler = new SocketsHttpHandler { Credentials = new NetworkCredential("me", password), UseProxy = false };
        using var client = new HttpClient(handler);

        (await client.GetAsync($"http://127.0.0.1:{lab.Origin.HttpPort}/digest-auth/auth/me/secret")).StatusCode.ShouldBe(status);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(204)]
    [InlineData(304)]
    [InlineData(404)]
    [InlineData(599)]
    public async Task Status_answers_with_that_status(int code) =>
        ((int)(await lab.Client.GetAsync($"http://h/status/{code}")).StatusCode).ShouldBe(code);

    [Fact]
    public async Task Status_sends_the_retry_after_asked_for()
    {
        using var response = await lab.Client.GetAsync("http://h/status/429?retry-after=7");

        response.Headers.RetryAfter!.Delta.ShouldBe(TimeSpan.FromSeconds(7));
    }

    [Fact]
    public async Task Redirects_count_down_to_get()
    {
        var path = "/redirect/3";
        List<string> seen = [];
        while (path != "/get")
        {
            using var response = await lab.Client.GetAsync("http://h" + path);
            response.StatusCode.ShouldBe(HttpStatusCode.Found);
            path = response.Headers.Location!.OriginalString;
            seen.Add(path);
        }

        seen.ShouldBe(["/redirect/2", "/redirect/1", "/get"]);
    }

    [Fact]
    public async Task Redirect_to_leads_where_it_is_told()
    {
        using var response = await lab.Client.GetAsync("http://h/redirect-to?url=https%3A%2F%2Fother%2Fget%3Fa&status_code=308");

        response.StatusCode.ShouldBe(HttpStatusCode.PermanentRedirect);
        response.Headers.Location!.OriginalString.ShouldBe("https://other/get?a");
    }

    [Theory]
    [InlineData("/redirect-to")]
    [InlineData("/redirect-to?url=a&status_code=200")]
    [InlineData("/redirect-to?url=a%0D%0Ab")]
    [InlineData("/status/503?retry-after=%0A")]
    [InlineData("/paced/10")]
    [InlineData("/paced/10?rate=fast")]
    [InlineData("/stream-bytes/10?chunk_size=0")]
    [InlineData("/drip?code=99")]
    [InlineData("/drip?duration=-1")]
    [InlineData("/drip?delay=NaN")]
    [InlineData("/drip?delay=100000")]
    [InlineData("/bytes/1?seed=x")]
    [InlineData("/etag/a%22b")]
    [InlineData("/?body=-1")]
    [InlineData("/?body=1099511627777")]
    [InlineData("/?delay=x")]
    [InlineData("/?pace=1.5")]
    public async Task A_parameter_that_makes_no_sense_is_a_bad_request(string path)
    {
        using var response = await lab.Client.GetAsync("http://h" + path);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync()).Length.ShouldBeGreaterThan(10);
    }

    [Theory]
    [InlineData("/get/")]
    [InlineData("/a/b/c")]
    public async Task What_is_no_route_is_the_hosts_page(string path) =>
        (await lab.Client.GetStringAsync($"http://h{path}?body=1000&delay=0")).ShouldContain("<h1>h</h1>");

    [Fact]
    public async Task Delay_answers_after_those_that_do_not_wait()
    {
        var slow = lab.Client.GetAsync("http://h/delay/0.5");
        var fast = lab.Client.GetAsync("http://h/delay/0");

        (await Task.WhenAny(slow, fast)).ShouldBe(fast);
        (await JsonAsync(await slow)).GetProperty("url").GetString().ShouldBe("http://h/delay/0.5");
    }

    [Theory]
    [InlineData("user:secret", 200)]
    [InlineData("user:wrong", 401)]
    [InlineData(null, 401)]
    public async Task Basic_auth_wants_user_and_password(string? credentials, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://h/basic-auth/user/secret");
        if (credentials is not null)
        {
            request.Headers.Authorization = new("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes(credentials)));
        }

        using var response = await lab.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        (response.Headers.WwwAuthenticate.ToString() == "Basic realm=\"lab\"").ShouldBe(status == 401);
    }

    [Fact]
    public async Task Flaky_fails_as_often_as_told_for_each_key()
    {
        List<int> seen = [];
        foreach (var key in (string[])["a", "a", "b", "a", "a", "b", "b"])
        {
            seen.Add((int)(await lab.Client.GetAsync($"http://h/flaky/2?key={key}")).StatusCode);
        }

        seen.ShouldBe([503, 503, 503, 200, 200, 503, 200]);
    }

    [Fact]
    public void The_summary_names_the_faults_that_there_are()
    {
        var lines = LabRoutes.Summary.Split("/fault/ ").Select(line => line.Split('\n')[0].Split(' ')).ToArray();

        lines[1].Length.ShouldBe(7);
        lines[1].ShouldAllBe(name => LabFault.Find(name) != null);
        lines[2].TakeWhile(name => !name.StartsWith('(')).Count(name => LabStreamFault.Find(name) != null).ShouldBe(5);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return (await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync())).RootElement;
    }
}
