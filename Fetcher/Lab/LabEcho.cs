using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Extensions;

namespace Fetcher.Lab;

/// <summary>Answers that tell the client in JSON what it sent.</summary>
internal static class LabEcho
{
    /// <summary>Method, URL and header fields.</summary>
    public static Task GetAsync(HttpContext context) => SendAsync(context, Echo(context, withRequestLine: true));

    /// <summary>Header fields alone.</summary>
    public static Task HeadersAsync(HttpContext context) => SendAsync(context, Echo(context, withRequestLine: false));

    /// <summary>The same as <see cref="GetAsync"/> in a content coding, whatever the client accepts.</summary>
    public static async Task CompressedAsync(HttpContext context, string coding)
    {
        var compressed = new MemoryStream();
        await using (var encoder = LabBody.Encoder(compressed, coding))
        {
            await encoder.WriteAsync(Echo(context, withRequestLine: true));
        }

        context.Response.Headers.ContentEncoding = coding;
        await SendAsync(context, compressed.ToArray());
    }

    private static async Task SendAsync(HttpContext context, ReadOnlyMemory<byte> json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        await context.Response.Body.WriteAsync(json, context.RequestAborted);
    }

    private static ReadOnlyMemory<byte> Echo(HttpContext context, bool withRequestLine)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        if (withRequestLine)
        {
            json.WriteString("method"u8, context.Request.Method);
            json.WriteString("url"u8, context.Request.GetEncodedUrl());
        }

        json.WriteStartObject("headers"u8);
        foreach (var (name, values) in context.Request.Headers)
        {
            json.WriteString(name, values.ToString());
        }

        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenMemory;
    }
}
