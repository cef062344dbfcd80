namespace Fetcher.Core;

/// <summary>What is asked of a URL (RFC 9110, section 9.3).</summary>
public enum FetchMethod
{
    /// <summary>The header section and the body.</summary>
    Get,

    /// <summary>The header section alone.</summary>
    Head,
}

/// <summary>Names of <see cref="FetchMethod"/> as requests have them.</summary>
internal static class FetchMethods
{
    public static string NameOf(FetchMethod method) => method == FetchMethod.Head ? "HEAD" : "GET";
}

/// <summary>What is said of one URL alone, on top of the <see cref="FetchOptions"/> of the run.</summary>
public record UrlOptions
{
    /// <summary>Fields to send, in this order. One that the run would send too takes its place.</summary>
    public IReadOnlyList<RequestHeader> Headers { get; init; } = [];

    /// <summary>Names of fields that the run would send and this request does not.</summary>
    public IReadOnlyList<string> RemovedHeaders { get; init; } = [];

    /// <summary>What is asked of the URL.</summary>
    public FetchMethod Method { get; init; }

    /// <summary>
    /// Path of the saved body below <see cref="FetchOptions.OutputDir"/>, in place of the template's; null for that. Each part of it is
    /// made a safe name, so that it leads nowhere else.
    /// </summary>
    public string? SaveAs { get; init; }

    /// <summary>The SHA-256 that the body must have, in lowercase hex; null when any will do.</summary>
    public string? Sha256 { get; init; }

    /// <summary>A name for the URL that comes back in its result, or null.</summary>
    public UrlId? Id { get; init; }
}

/// <summary>The name that the user gave a URL.</summary>
/// <param name="Text">The name.</param>
/// <param name="IsNumber">Whether it was written as a JSON number, and is so again in JSON.</param>
public sealed record UrlId(string Text, bool IsNumber = false);
