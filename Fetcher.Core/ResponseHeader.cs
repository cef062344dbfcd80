namespace Fetcher.Core;

/// <summary>A header field of a response.</summary>
/// <param name="Name">Its name, spelled as the server sent it; in lower case by HTTP/2.</param>
/// <param name="Value">Its value, without the white space around it. Bytes that are not UTF-8 are read as Latin-1.</param>
public readonly record struct ResponseHeader(string Name, string Value)
{
    /// <summary>The name alone: the value may be a secret.</summary>
    public override string ToString() => Name;
}

/// <summary>A redirect that was followed.</summary>
/// <param name="Url">The URL that was asked for, without user info.</param>
/// <param name="Status">Status code of its response.</param>
/// <param name="Location">The Location field of its response, as the server sent it.</param>
public sealed record RedirectStep(string Url, int Status, string Location);

/// <summary>What is copied of a header section besides the fields that reports show.</summary>
[Flags]
internal enum HeadRecording
{
    None = 0,

    /// <summary>The reason phrase.</summary>
    Reason = 1,

    /// <summary>All fields.</summary>
    Fields = 2,
}
