using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Fetcher.Lab;

/// <summary>The rest of httpbin's paths that GET can reach. Names and shapes are httpbin's, texts are our own.</summary>
internal static class LabHttpbin
{
    private const int MostLines = 100, MostLinks = 200;

    /// <summary>A picture of one pixel.</summary>
    private static readonly byte[] Pixel = Convert.FromBase64String(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNgKNoEAAGaASVHL0dWAAAAAElFTkSuQmCC");

    /// <summary>What answers a path, or null when it is none of these.</summary>
    public static RequestDelegate? Find(string[] path) => path switch
    {
        ["json"] => c => TextAsync(c, "application/json", """{"lesson":{"title":"Waiting","chapters":[{"number":1,"title":"One after the other"},{"number":2,"title":"A thread for each"}]}}"""),
        ["html"] => c => TextAsync(c, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html lang=\"en\"><head><title>lab</title></head><body><h1>A page</h1><p>It waits for nobody.</p></body></html>\n"),
        ["xml"] => c => TextAsync(c, "application/xml", "<?xml version=\"1.0\" encoding=\"us-ascii\"?>\n<lesson title=\"Waiting\"><chapter number=\"1\">One after the other</chapter></lesson>\n"),
        ["robots.txt"] => c => TextAsync(c, "text/plain", "User-agent: *\nDisallow: /deny\n"),
        ["deny"] => c => TextAsync(c, "text/plain", "robots.txt does not allow this page.\n"),
        ["uuid"] => c => JsonAsync(c, json => json.WriteString("uuid"u8, Guid.NewGuid())),
        ["ip"] => c => JsonAsync(c, json => json.WriteString("origin"u8, c.Connection.RemoteIpAddress?.ToString())),
        ["user-agent"] => c => JsonAsync(c, json => json.WriteString("user-agent"u8, c.Request.Headers.UserAgent.ToString())),
        ["anything", ..] => LabEcho.GetAsync,
        ["cookies"] => CookiesAsync,
        ["cookies", "set"] => SetCookies,
        ["cookies", "set", { Length: > 0 } name, var value] => c => SetCookie(c, name, value),
        ["cookies", "delete"] => DeleteCookies,
        ["encoding", "utf8"] => c => TextAsync(c, "text/html; charset=utf-8", "<!DOCTYPE html>\n<html lang=\"en\"><head><title>UTF-8</title></head><body><p>δοκιμή проба 試験 🧪</p></body></html>\n"),
        ["image", "svg"] => c => TextAsync(c, "image/svg+xml", "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"8\" height=\"8\"><rect width=\"8\" height=\"8\" fill=\"#0072b2\"/></svg>\n"),
        ["image"] or ["image", "png"] => ImageAsync,
        ["stream", var n] when TryCount(n, MostLines, out var lines) => c => StreamAsync(c, lines),
        ["base64", var text] => c => Base64Async(c, text),
        ["bearer"] => BearerAsync,
        ["links", var n] when TryCount(n, MostLinks, out var links) => c => Redirect(c, $"/links/{links}/0"),
        ["links", var n, var at] when TryCount(n, MostLinks, out var links) && TryCount(at, MostLinks, out var here) => c => LinksAsync(c, links, here),
        ["cache"] => CacheAsync,
        ["cache", var n] when TryCount(n, int.MaxValue, out var age) => c => CachedAsync(c, age),
        ["response-headers"] => ResponseHeadersAsync,
        _ => null,
    };

    private static bool TryCount(string text, int most, out int count) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out count) && count <= most;

    private static Task TextAsync(HttpContext context, string type, string text) => BytesAsync(context, type, Encoding.UTF8.GetBytes(text));

    private static async Task BytesAsync(HttpContext context, string type, ReadOnlyMemory<byte> bytes)
    {
        context.Response.ContentType = type;
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }

    private static Task JsonAsync(HttpContext context, Action<Utf8JsonWriter> write)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return TextAsync(context, "application/json", Encoding.UTF8.GetString(text.ToArray()));
    }

    private static Task CookiesAsync(HttpContext context) => JsonAsync(context, json =>
    {
        json.WriteStartObject("cookies"u8);
        foreach (var (name, value) in context.Request.Cookies)
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    });

    private static Task SetCookies(HttpContext context)
    {
        foreach (var (name, value) in context.Request.Query)
        {
            context.Response.Cookies.Append(name, value.ToString());
        }

        return Redirect(context, "/cookies");
    }

    private static Task SetCookie(HttpContext context, string name, string value)
    {
        context.Response.Cookies.Append(name, value);
        return Redirect(context, "/cookies");
    }

    private static Task DeleteCookies(HttpContext context)
    {
        foreach (var name in context.Request.Query.Keys)
        {
            context.Response.Cookies.Delete(name);
        }

        return Redirect(context, "/cookies");
    }

    private static Task ImageAsync(HttpContext context) => BytesAsync(context, "image/png", Pixel);

    private static Task Redirect(HttpContext context, string location)
    {
        context.Response.StatusCode = StatusCodes.Status302Found;
        context.Response.Headers.Location = location;
        return Task.CompletedTask;
    }

    /// <summary>So many lines of JSON, each sent by itself.</summary>
    private static async Task StreamAsync(HttpContext context, int lines)
    {
        context.Response.ContentType = "application/json";
        for (var line = 0; line < lines; line++)
        {
            var text = string.Create(CultureInfo.InvariantCulture, $"{{\"id\":{line},\"url\":\"{JsonEncodedText.Encode(context.Request.GetEncodedUrl())}\"}}\n");
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(text), context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private static Task Base64Async(HttpContext context, string text)
    {
        var padded = text.Replace('-', '+').Replace('_', '/').PadRight((text.Length + 3) / 4 * 4, '=');
        var bytes = new byte[padded.Length];
        return Convert.TryFromBase64String(padded, bytes, out var length)
            ? TextAsync(context, "text/plain; charset=utf-8", Encoding.UTF8.GetString(bytes, 0, length))
            : throw new BadHttpRequestException("this is no base64");
    }

    private static Task BearerAsync(HttpContext context)
    {
        const string Scheme = "Bearer ";
        var given = context.Request.Headers.Authorization.ToString();
        if (!given.StartsWith(Scheme, StringComparison.Ordinal) || given.Length == Scheme.Length)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            context.Response.Headers.WWWAuthenticate = "Bearer";
            return Task.CompletedTask;
        }

        return JsonAsync(context, json =>
        {
            json.WriteBoolean("authenticated"u8, true);
            json.WriteString("token"u8, given[Scheme.Length..]);
        });
    }

    private static Task LinksAsync(HttpContext context, int links, int here)
    {
        var list = string.Join(' ', Enumerable.Range(0, links).Select(at => at == here ? $"{at}" : $"<a href='/links/{links}/{at}'>{at}</a>"));
        return TextAsync(context, "text/html; charset=utf-8", $"<!DOCTYPE html>\n<html lang=\"en\"><head><title>Links</title></head><body>{list}</body></html>\n");
    }

    /// <summary>304 for whoever asks with a validator, whichever it is.</summary>
    private static Task CacheAsync(HttpContext context)
    {
        if (context.Request.Headers.IfNoneMatch.Count + context.Request.Headers.IfModifiedSince.Count > 0)
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        context.Response.Headers.ETag = "\"cache\"";
        context.Response.Headers.LastModified = "Thu, 01 Jan 2026 00:00:00 GMT";
        return LabEcho.GetAsync(context);
    }

    private static Task CachedAsync(HttpContext context, int age)
    {
        context.Response.Headers.CacheControl = string.Create(CultureInfo.InvariantCulture, $"public, max-age={age}");
        return LabEcho.GetAsync(context);
    }

    private static Task ResponseHeadersAsync(HttpContext context)
    {
        foreach (var (name, values) in context.Request.Query)
        {
            if (name.Length == 0 || name.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_')) || values.ToString().Any(char.IsControl))
            {
                throw new BadHttpRequestException("a field has a name or a value that no field has");
            }

            context.Response.Headers[name] = values;
        }

        return JsonAsync(context, json =>
        {
            foreach (var (name, values) in context.Request.Query)
            {
                json.WriteString(name, values.ToString());
            }
        });
    }
}
