using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Fetcher.Lab;

/// <summary>Reads numbers out of a request's query. What is there but is no such number is a bad request.</summary>
internal static class LabQuery
{
    /// <summary>Longest body that can be asked for: 1 TiB.</summary>
    public const long MostBytes = 1L << 40;

    private const double MostSeconds = 86_400;

    private static readonly string[] PageKeys = ["body", "delay", "pace"];

    /// <summary>The number of bytes, or bytes a second, that <paramref name="name"/> gives, or null without it.</summary>
    /// <exception cref="BadHttpRequestException">It is no whole number from 0 to <see cref="MostBytes"/>.</exception>
    public static long? Bytes(HttpContext context, string name) =>
        Text(context, name) is not { } text ? null
        : TryBytes(text, out var value) ? value
        : throw new BadHttpRequestException($"{name} is not a whole number from 0 to {MostBytes}");

    /// <summary>The time that <paramref name="name"/> gives in seconds, or null without it.</summary>
    /// <exception cref="BadHttpRequestException">It is no number from 0 to a day.</exception>
    public static TimeSpan? Seconds(HttpContext context, string name) =>
        Text(context, name) is not { } text ? null
        : TrySeconds(text, out var value) ? value
        : throw new BadHttpRequestException($"{name} is not a number of seconds from 0 to {MostSeconds}");

    /// <summary>The status code that <paramref name="name"/> gives, or null without it.</summary>
    /// <exception cref="BadHttpRequestException">It is no final status code.</exception>
    public static int? Status(HttpContext context, string name) =>
        Text(context, name) is not { } text ? null
        : TryStatus(text, out var value) ? value
        : throw new BadHttpRequestException($"{name} is not a status code from 200 to 999");

    /// <summary>The value of <paramref name="name"/>, or null without it.</summary>
    public static string? Text(HttpContext context, string name) =>
        context.Request.Query.TryGetValue(name, out var values) ? values.ToString() : null;

    /// <summary>Whether the query says how a page is to be.</summary>
    public static bool AsksForPage(HttpContext context) => PageKeys.Any(context.Request.Query.ContainsKey);

    public static bool TryBytes(string text, out long value) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value <= MostBytes;

    public static bool TrySeconds(string text, out TimeSpan value)
    {
        var ok = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var seconds) && seconds <= MostSeconds;
        value = ok ? TimeSpan.FromSeconds(seconds) : default;
        return ok;
    }

    // Codes under 200 announce a further response (RFC 9110, section 15.2), which would never come.
    public static bool TryStatus(string text, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value is >= 200 and <= 999;
}
