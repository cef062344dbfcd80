using System.Net;
using System.Net.Http.Headers;

namespace Fetcher.Tests.Lab;

public sealed class LabConditionalTests(LabFixture lab) : IClassFixture<LabFixture>
{
    [Theory]
    [InlineData("\"v1\"", 304)]
    [InlineData("W/\"v1\"", 304)]
    [InlineData("\"v0\", \"v1\"", 304)]
    [InlineData("*", 304)]
    [InlineData("\"v0\"", 200)]
    [InlineData(null, 200)]
    public async Task Etag_spares_a_client_that_has_it(string? known, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://h/etag/v1");
        request.Headers.TryAddWithoutValidation("If-None-Match", known);
        using var response = await lab.Client.SendAsync(request);

        ((int)response.StatusCode).ShouldBe(status);
        response.Headers.ETag!.Tag.ShouldBe("\"v1\"");
    }

    [Theory]
    [InlineData("bytes=10-19", 10, 19)]
    [InlineData("bytes=90-", 90, 99)]
    [InlineData("bytes=90-500", 90, 99)]
    [InlineData("bytes=-5", 95, 99)]
    [InlineData("bytes=-500", 0, 99)]
    public async Task A_range_gives_that_part(string range, int first, int last)
    {
        var whole = await lab.Client.GetByteArrayAsync("http://h/range/100");
        using var response = await RangeAsync(range, null);

        response.StatusCode.ShouldBe(HttpStatusCode.PartialContent);
        response.Content.Headers.ContentRange.ShouldBe(new ContentRangeHeaderValue(first, last, 100));
        (await response.Content.ReadAsByteArrayAsync()).ShouldBe(whole[first..(last + 1)]);
    }

    [Theory]
    [InlineData("bytes=100-")]
    [InlineData("bytes=-0")]
    public async Task A_range_outside_cannot_be_satisfied(string range)
    {
        using var response = await RangeAsync(range, null);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestedRangeNotSatisfiable);
        response.Content.Headers.ContentRange.ShouldBe(new ContentRangeHeaderValue(100));
    }

    [Theory]
    [InlineData("bytes=0-1,5-6", null)]
    [InlineData("lines=0-1", null)]
    [InlineData("bytes=5-2", null)]
    [InlineData("bytes=0-1", "\"another\"")]
    [InlineData("bytes=0-1", "W/\"range-100-0\"")]
    [InlineData("bytes=0-1", "Mon, 01 Jan 2024 00:00:00 GMT")]
    public async Task A_range_that_does_not_hold_gives_the_whole(string range, string? ifRange)
    {
        using var response = await RangeAsync(range, ifRange);

        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        (await response.Content.ReadAsByteArrayAsync()).Length.ShouldBe(100);
    }

    [Fact]
    public async Task A_range_with_the_right_validator_gives_the_part() =>
        (await RangeAsync("bytes=0-1", "\"range-100-0\"")).StatusCode.ShouldBe(HttpStatusCode.PartialContent);

    private Task<HttpResponseMessage> RangeAsync(string range, string? ifRange)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, "http://h/range/100");
        request.Headers.TryAddWithoutValidation("Range", range);
        request.Headers.TryAddWithoutValidation("If-Range", ifRange);
        return lab.Client.SendAsync(request);
    }
}
