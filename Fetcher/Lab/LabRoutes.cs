using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Http;

namespace Fetcher.Lab;

/// <summary>The routes for experiments and tests. Names and meanings are those of httpbin where it has them.</summary>
internal sealed class LabRoutes
{
    /// <summary>The routes, for people.</summary>
    public const string Summary = """
        / and, under the name of a site, any path not listed: the host's page; size, delay and rate follow from its name
                  ?body=BYTES&delay=S&pace=BYTES/S: a page like that, at any path; other paths of the lab's own address are 404
        bodies:   /bytes/N /stream-bytes/N /range/N (?seed=) /paced/N?rate=BYTES/S /drip?numbytes=&duration=&delay=&code=
        answers:  /get /headers /gzip /deflate /brotli /zstd /status/CODE (?retry-after=) /delay/S /etag/TAG /basic-auth/USER/PASSWORD
                  /digest-auth/QOP/USER/PASSWORD /bearer /json /html /xml /robots.txt /deny /uuid /ip /user-agent /anything /cookies
                  /cookies/set?NAME=VALUE /stream/N /base64/TEXT /links/N /cache /cache/S /response-headers?NAME=VALUE
                  /cookies/set/NAME/VALUE /cookies/delete?NAME /hidden-basic-auth/USER/PASSWORD /encoding/utf8 /image/png /image/svg
                  a path of these with something else than N, S, ... is 404
        chains:   /redirect/N /relative-redirect/N /absolute-redirect/N /redirect-to?url=&status_code= /flaky/K?key= (503 K times, then 200)
        faults:   /fault/ reset reset-before truncate truncate-chunked stall stall-head garbage
        HTTP/2:   /fault/ goaway goaway-after rst-stream refused no-window (?times=K&key= K times, then an answer)
        """;

    /// <summary>Routes that say more than their first word; without that they are no page of a host.</summary>
    private static readonly HashSet<string> Parameterized =
    [
        "bytes", "stream-bytes", "range", "paced", "status", "delay", "etag", "basic-auth", "digest-auth", "redirect", "flaky", "fault", "stream", "base64", "links",
        "relative-redirect", "absolute-redirect", "hidden-basic-auth", "image", "encoding",
    ];

    private readonly ConcurrentDictionary<string, int> _flaky = new(StringComparer.Ordinal);

    /// <summary>What answers <paramref name="context"/>'s path, or null when it is no route.</summary>
    public RequestDelegate? Find(HttpContext context) => context.Request.Path.Value?.TrimStart('/').Split('/') switch
    {
        ["bytes", var n] when LabQuery.TryBytes(n, out var count) => c => Bytes(c, count),
        ["stream-bytes", var n] when LabQuery.TryBytes(n, out var count) => c => StreamBytes(c, count),
        ["range", var n] when LabQuery.TryBytes(n, out var count) => c => LabConditional.RangeAsync(c, count),
        ["paced", var n] when LabQuery.TryBytes(n, out var count) => c => Paced(c, count),
        ["drip"] => DripAsync,
        ["get"] => LabEcho.GetAsync,
        ["headers"] => LabEcho.HeadersAsync,
        ["gzip"] => c => LabEcho.CompressedAsync(c, "gzip"),
        ["deflate"] => c => LabEcho.CompressedAsync(c, "deflate"),
        ["brotli"] => c => LabEcho.CompressedAsync(c, "br"),
        ["zstd"] => c => LabEcho.CompressedAsync(c, "zstd"),
        ["status", var code] when LabQuery.TryStatus(code, out var status) => c => Status(c, status),
        ["delay", var seconds] when LabQuery.TrySeconds(seconds, out var delay) => c => DelayAsync(c, delay),
        ["etag", { Length: > 0 } tag] => c => LabConditional.ETagAsync(c, tag),
        ["basic-auth", { Length: > 0 } user, { Length: > 0 } password] => c => BasicAuth(c, user, password),
        ["hidden-basic-auth", { Length: > 0 } user, { Length: > 0 } password] => c => BasicAuth(c, user, password, StatusCodes.Status404NotFound),
        ["digest-auth", "auth", { Length: > 0 } user, { Length: > 0 } password] => c => LabDigest.AnswerAsync(c, user, password),
        ["redirect" or "relative-redirect", var n] when LabQuery.TryBytes(n, out var count) && count > 0 => c => Redirect(c, count, "", "redirect"),
        ["absolute-redirect", var n] when LabQuery.TryBytes(n, out var count) && count > 0 =>
            c => Redirect(c, count, $"{c.Request.Scheme}://{c.Request.Host}", "absolute-redirect"),
        ["redirect-to"] => RedirectTo,
        ["flaky", var k] when LabQuery.TryBytes(k, out var times) => c => Flaky(c, times),
        ["fault", var name] when LabFault.Find(name) is { } fault => fault.PlayAsync,
        ["fault", var name] when LabStreamFault.Find(name) is { } fault => c => StreamFault(c, fault),
        { } path when LabHttpbin.Find(path) is { } found => found,
        [var first, ..] when Parameterized.Contains(first) => c => Status(c, StatusCodes.Status404NotFound),
        _ => null,
    };

    private static Task Bytes(HttpContext context, long count)
    {
        context.Response.ContentType = "application/octet-stream";
        return LabBody.SendAsync(context, LabContent.Random(count, LabQuery.Bytes(context, "seed") ?? 0));
    }

    private static Task StreamBytes(HttpContext context, long count)
    {
        const int MostChunk = 16 << 20;
        var chunk = LabQuery.Bytes(context, "chunk_size") ?? 10_240;
        if (chunk is 0 or > MostChunk)
        {
            throw new BadHttpRequestException($"chunk_size is not from 1 to {MostChunk}");
        }

        context.Response.ContentType = "application/octet-stream";
        return LabBody.SendChunkedAsync(context, LabContent.Random(count, LabQuery.Bytes(context, "seed") ?? 0), (int)chunk);
    }

    private static Task Paced(HttpContext context, long count)
    {
        LabPace.Set(context, LabQuery.Bytes(context, "rate") ?? throw new BadHttpRequestException("rate is missing"));
        return Bytes(context, count);
    }

    private static async Task DripAsync(HttpContext context)
    {
        var content = LabContent.Asterisks(LabQuery.Bytes(context, "numbytes") ?? 10);
        var duration = LabQuery.Seconds(context, "duration") ?? TimeSpan.FromSeconds(2);
        context.Response.StatusCode = LabQuery.Status(context, "code") ?? StatusCodes.Status200OK;
        context.Response.ContentType = "application/octet-stream";
        if (LabQuery.Seconds(context, "delay") is { } delay)
        {
            await Task.Delay(delay, context.RequestAborted);
        }

        // A byte at a time, but no more often than the timer's millisecond.
        var pieces = (int)Math.Clamp(Math.Min(content.Length, duration.TotalMilliseconds), 1, int.MaxValue);
        await LabBody.DripAsync(context, content, new LabDrip(pieces), duration / pieces);
    }

    private static Task Status(HttpContext context, int status)
    {
        var headers = context.Response.Headers;
        context.Response.StatusCode = status;
        headers.RetryAfter = HeaderText(context, "retry-after");
        if (status is 301 or 302 or 303 or 307 or 308)
        {
            headers.Location = "/get";
        }
        else if (status is 401)
        {
            headers.WWWAuthenticate = "Basic realm=\"lab\"";
        }

        return Task.CompletedTask;
    }

    private static async Task DelayAsync(HttpContext context, TimeSpan delay)
    {
        await Task.Delay(delay, context.RequestAborted);
        await LabEcho.GetAsync(context);
    }

    private static Task BasicAuth(HttpContext context, string user, string password, int otherwise = StatusCodes.Status401Unauthorized)
    {
        var wanted = "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"));
        var given = context.Request.Headers.Authorization;
        return given == wanted ? LabEcho.GetAsync(context) : Status(context, otherwise);
    }

    private static Task Redirect(HttpContext context, long count, string origin, string route)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = origin + (count == 1 ? "/get" : $"/{route}/{count - 1}");
        return Task.CompletedTask;
    }

    private static Task RedirectTo(HttpContext context)
    {
        var status = LabQuery.Status(context, "status_code") ?? StatusCodes.Status302Found;
        context.Response.StatusCode = status is >= 300 and <= 399 ? status : throw new BadHttpRequestException("status_code is not 3xx");
        context.Response.Headers.Location = HeaderText(context, "url") ?? throw new BadHttpRequestException("url is missing");
        return Task.CompletedTask;
    }

    private Task Flaky(HttpContext context, long times) =>
        IsAmongFirst(context, times) ? Status(context, StatusCodes.Status503ServiceUnavailable) : LabEcho.GetAsync(context);

    private Task StreamFault(HttpContext context, RequestDelegate fault) =>
        LabQuery.Bytes(context, "times") is not { } times || IsAmongFirst(context, times) ? fault(context) : LabEcho.GetAsync(context);

    /// <summary>Whether no more than <paramref name="times"/> requests with this one's key have come.</summary>
    private bool IsAmongFirst(HttpContext context, long times) =>
        _flaky.AddOrUpdate(LabQuery.Text(context, "key") ?? "", 1, (_, n) => n + 1) <= times;

    private static string? HeaderText(HttpContext context, string name) =>
        LabQuery.Text(context, name) is not { } text ? null
        : !text.Any(char.IsControl) ? text
        : throw new BadHttpRequestException($"{name} has control characters");
}
