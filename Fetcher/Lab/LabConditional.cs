using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace Fetcher.Lab;

/// <summary>Answers that depend on what the client has already: validators and byte ranges (RFC 9110, sections 13 and 14).</summary>
internal static class LabConditional
{
    /// <summary>An answer with the entity tag <paramref name="tag"/>, or 304 for a client that has it.</summary>
    public static Task ETagAsync(HttpContext context, string tag)
    {
        var etag = tag.Any(c => c is '"' or <= ' ' or > '~')
            ? throw new BadHttpRequestException("the tag is not made of printable ASCII without quotes")
            : new EntityTagHeaderValue($"\"{tag}\"");
        context.Response.Headers.ETag = etag.ToString();
        if (EntityTagHeaderValue.TryParseList(context.Request.Headers.IfNoneMatch, out var known)
            && known.Any(k => k.Tag == "*" || k.Compare(etag, useStrongComparison: false)))
        {
            context.Response.StatusCode = StatusCodes.Status304NotModified;
            return Task.CompletedTask;
        }

        return LabEcho.GetAsync(context);
    }

    /// <summary>
    /// <paramref name="length"/> bytes, or the one range of them that Range asks for, if If-Range still holds.
    /// Several ranges at once get the whole.
    /// </summary>
    public static Task RangeAsync(HttpContext context, long length)
    {
        var seed = LabQuery.Bytes(context, "seed") ?? 0;
        var content = LabContent.Random(length, seed);
        var etag = new EntityTagHeaderValue($"\"range-{length}-{seed}\"");
        var response = context.Response;
        response.Headers.ETag = etag.ToString();
        response.Headers.AcceptRanges = "bytes";
        response.ContentType = "application/octet-stream";

        if (!HttpMethods.IsGet(context.Request.Method)
            || !IfRangeHolds(context, etag)
            || !RangeHeaderValue.TryParse(context.Request.Headers.Range.ToString(), out var range)
            || range is not { Unit.Value: "bytes", Ranges.Count: 1 })
        {
            return LabBody.SendAsync(context, content);
        }

        // "bytes=-N" has only To, which then counts from the end.
        var asked = range.Ranges.First();
        var first = asked.From ?? Math.Max(0, length - asked.To!.Value);
        var last = asked.From is null ? length - 1 : Math.Min(asked.To ?? long.MaxValue, length - 1);
        if (first > last)
        {
            response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            response.Headers.ContentRange = $"bytes */{length}";
            return Task.CompletedTask;
        }

        response.StatusCode = StatusCodes.Status206PartialContent;
        response.Headers.ContentRange = $"bytes {first}-{last}/{length}";
        return LabBody.SendAsync(context, content, first, last - first + 1);
    }

    // Strong comparison; a date never holds, because the bytes have none.
    private static bool IfRangeHolds(HttpContext context, EntityTagHeaderValue etag) =>
        context.Request.Headers.IfRange.ToString() is not { Length: > 0 } text
        || (EntityTagHeaderValue.TryParse(text, out var wanted) && wanted.Compare(etag, useStrongComparison: true));
}
