using System.IO.Compression;
using System.Net;
using Fetcher.Lab;
using ZstdSharp;

namespace Fetcher.Tests.Lab;

public class LabOptionsTests
{
    private static readonly LabOptions Quick = new() { Body = 50_000, Delay = TimeSpan.Zero, Pace = 0 };

    [Fact]
    public async Task Each_host_gets_its_own_page_on_both_ports()
    {
        await using var origin = await LabOrigin.StartAsync(Quick with { Body = null }, default);
        using var client = LabClient.For(origin);

        foreach (var url in (string[])["http://one.example/", "https://one.example/a/b", "http://two.example/"])
        {
            var page = LabPage.For(new Uri(url).Host);
            var expected = new byte[page.Size];
            page.Content(page.Size).CopyTo(0, expected);
            (await client.GetByteArrayAsync(url)).SequenceEqual(expected).ShouldBeTrue(url);
        }
    }

    [Fact]
    public async Task The_port_is_no_part_of_a_hosts_name()
    {
        await using var origin = await LabOrigin.StartAsync(Quick, default);
        using var client = LabClient.For(origin);

        (await client.GetStringAsync("http://one.example:81/")).ShouldBe(await client.GetStringAsync("http://one.example/"));
    }

    [Fact]
    public async Task A_query_goes_before_the_options()
    {
        await using var origin = await LabOrigin.StartAsync(Quick with { Delay = TimeSpan.FromDays(1) }, default);
        using var client = LabClient.For(origin);

        (await client.GetByteArrayAsync("http://h/?body=123&delay=0")).Length.ShouldBe(123);
    }

    [Fact]
    public async Task A_delay_holds_back_the_head()
    {
        await using var origin = await LabOrigin.StartAsync(Quick with { Delay = TimeSpan.FromDays(1) }, default);
        using var client = LabClient.For(origin);
        var held = client.GetAsync("http://h/", HttpCompletionOption.ResponseHeadersRead);

        (await client.GetAsync("http://h/get")).StatusCode.ShouldBe(HttpStatusCode.OK);
        held.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_drip_comes_in_pieces_by_the_servers_clock()
    {
        await using var origin = await LabOrigin.StartAsync(Quick with { Drip = new LabDrip(5, TimeSpan.FromMilliseconds(30)) }, default);
        using var client = LabClient.For(origin);
        await using var body = await client.GetStreamAsync("http://h/");
        var buffer = new byte[50_000];

        var first = await body.ReadAsync(buffer);
        first.ShouldBeLessThanOrEqualTo(20_000);
        await body.ReadExactlyAsync(buffer.AsMemory(first));
        (await body.ReadAsync(buffer)).ShouldBe(0);
    }

    [Fact]
    public async Task A_drip_has_no_more_pieces_than_bytes()
    {
        var drip = new LabDrip(int.MaxValue, TimeSpan.FromMilliseconds(1));
        await using var origin = await LabOrigin.StartAsync(Quick with { Drip = drip }, default);
        using var client = LabClient.For(origin);

        (await client.GetByteArrayAsync("http://h/?body=3")).Length.ShouldBe(3);
        (await client.GetByteArrayAsync("http://h/?body=0")).Length.ShouldBe(0);
    }

    [Theory]
    [InlineData("gzip", "gzip")]
    [InlineData("deflate, gzip;q=0.5", "deflate")]
    [InlineData("gzip, br", "br")]
    [InlineData("zstd", "zstd")]
    [InlineData("br;q=0, *", "gzip")]
    [InlineData("identity", null)]
    [InlineData("gzip;q=0", null)]
    [InlineData(null, null)]
    public async Task A_page_is_compressed_as_the_client_asks(string? accepted, string? coding)
    {
        await using var origin = await LabOrigin.StartAsync(Quick with { Compress = true }, default);
        using var client = LabClient.For(origin);
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://h/");
        request.Headers.TryAddWithoutValidation("Accept-Encoding", accepted);
        using var response = await client.SendAsync(request);
        var body = await response.Content.ReadAsByteArrayAsync();

        response.Content.Headers.ContentEncoding.SingleOrDefault().ShouldBe(coding);
        response.Headers.Vary.ShouldBe(["Accept-Encoding"]);
        (body.Length < 25_000).ShouldBe(coding is not null);
        Decode(body, coding).ShouldBe(await client.GetByteArrayAsync("http://h/"));
    }

    [Fact]
    public async Task A_page_is_not_compressed_by_default()
    {
        await using var origin = await LabOrigin.StartAsync(Quick, default);
        using var client = LabClient.For(origin);
        client.DefaultRequestHeaders.AcceptEncoding.ParseAdd("gzip, br");

        (await client.GetAsync("http://h/")).Content.Headers.ContentEncoding.ShouldBeEmpty();
    }

    [Fact]
    public async Task Pages_lead_to_https_when_told_and_routes_do_not()
    {
        await using var origin = await LabOrigin.StartAsync(Quick with { RedirectToHttps = true }, default);
        using var client = LabClient.For(origin);
        using var page = await client.GetAsync("http://h.example/a%20b?c=d");
        using var withPort = await client.GetAsync("http://h.example:8080/");

        page.StatusCode.ShouldBe(HttpStatusCode.MovedPermanently);
        page.Headers.Location!.OriginalString.ShouldBe("https://h.example/a%20b?c=d");
        withPort.Headers.Location!.OriginalString.ShouldBe($"https://h.example:{origin.HttpsPort}/");
        (await client.GetAsync(page.Headers.Location)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetAsync("http://h.example/get")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_an_error()
    {
        await using var origin = await LabOrigin.StartAsync(Quick, default);

        (await Should.ThrowAsync<IOException>(LabOrigin.StartAsync(new LabOptions { HttpPort = origin.HttpPort }, default)))
            .Message.ShouldContain("in use");
    }

    private static byte[] Decode(byte[] body, string? coding)
    {
        var coded = new MemoryStream(body);
        using Stream decoder = coding switch
        {
            "gzip" => new GZipStream(coded, CompressionMode.Decompress),
            "deflate" => new ZLibStream(coded, CompressionMode.Decompress),
            "br" => new BrotliStream(coded, CompressionMode.Decompress),
            "zstd" => new DecompressionStream(coded),
            _ => coded,
        };
        var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return plain.ToArray();
    }
}
