using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Fetcher.Lab;

/// <summary>Answers each request: by its route, or with the page of the host it names.</summary>
internal sealed class LabApplication(LabOptions options, Func<int> httpsPort) : IHttpApplication<HttpContext>
{
    private readonly LabRoutes _routes = new();

    public HttpContext CreateContext(IFeatureCollection contextFeatures) => new DefaultHttpContext(contextFeatures);

    public void DisposeContext(HttpContext context, Exception? exception)
    {
        // Kestrel owns all that the context holds.
    }

    public async Task ProcessRequestAsync(HttpContext context)
    {
        try
        {
            await (_routes.Find(context) is { } route ? RouteAsync(context, route) : HasPage(context) ? PageAsync(context) : NotFoundAsync(context));
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = e.StatusCode;
            context.Response.ContentType = "text/plain; charset=utf-8";
            await context.Response.WriteAsync(e.Message + "\n", context.RequestAborted);
        }
    }

    private static Task RouteAsync(HttpContext context, RequestDelegate route)
    {
        LabPace.Set(context, 0);
        return route(context);
    }

    /// <summary>
    /// Whether the path has a page. Under the name of a site every path has one; at the lab's own address only the root, and what asks for a page by its
    /// query, so that a mistyped route is seen.
    /// </summary>
    private bool HasPage(HttpContext context)
    {
        var request = context.Request;
        return options.StandsInForSites
            || !(request.Host.Host is "localhost" || IPAddress.TryParse(request.Host.Host.Trim('[', ']'), out _))
            || request.Path.Value is null or "" or "/"
            || LabQuery.AsksForPage(context);
    }

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        context.Response.ContentType = "text/plain; charset=utf-8";
        return context.Response.WriteAsync("There is no such route; `fetcher lab` lists them.\n", context.RequestAborted);
    }

    private async Task PageAsync(HttpContext context)
    {
        var request = context.Request;
        if (options.RedirectToHttps && !request.IsHttps)
        {
            // A client that named a port came to the lab's own; one that did not is led here under every name, and stays with 443.
            var host = request.Host.Port is null ? request.Host : new HostString(request.Host.Host, httpsPort());
            context.Response.StatusCode = StatusCodes.Status301MovedPermanently;
            context.Response.Headers.Location = UriHelper.BuildAbsolute("https", host, default, request.Path, request.QueryString);
            return;
        }

        var page = LabPage.For(request.Host.Host);
        var asked = LabQuery.Bytes(context, "pace");
        var drip = asked is null ? options.Drip : null;
        var content = page.Content(LabQuery.Bytes(context, "body") ?? options.Body ?? page.Size);
        var delay = LabQuery.Seconds(context, "delay") ?? options.Delay ?? page.Delay;
        LabPace.Set(context, drip is null ? asked ?? options.Pace ?? page.Rate : 0);
        if (delay > TimeSpan.Zero)
        {
            await Task.Delay(delay, context.RequestAborted);
        }

        context.Response.ContentType = "text/html; charset=utf-8";
        await (drip is not null ? LabBody.DripAsync(context, content, drip, drip.Interval ?? page.Duration / drip.Pieces)
            : options.Compress && BestCoding(context) is { } coding ? LabBody.SendCompressedAsync(context, content, coding)
            : LabBody.SendAsync(context, content));
    }

    private static string? BestCoding(HttpContext context)
    {
        context.Response.Headers.Vary = HeaderNames.AcceptEncoding;
        string[] known = ["br", "gzip", "deflate", "zstd"];
        return StringWithQualityHeaderValue.TryParseList(context.Request.Headers.AcceptEncoding, out var accepted)
            ? known.Where(coding => Quality(accepted, coding) > 0).MaxBy(coding => Quality(accepted, coding))
            : null;
    }

    // RFC 9110, section 12.5.3: a coding's own weight goes before that of "*".
    private static double Quality(IList<StringWithQualityHeaderValue> accepted, string coding) =>
        (accepted.FirstOrDefault(a => a.Value.Equals(coding, StringComparison.OrdinalIgnoreCase))
            ?? accepted.FirstOrDefault(a => a.Value == "*")) is { } weight ? weight.Quality ?? 1 : 0;
}
