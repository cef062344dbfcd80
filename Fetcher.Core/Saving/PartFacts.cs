using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Saving;

/// <summary>
/// Of which representation an unfinished body is a part: the URL, and the validator that If-Range takes (RFC 9110, section 13.1.5). Kept in
/// a small file beside it, a line for each.
/// </summary>
internal sealed record PartFacts(string Url, string Validator)
{
    private const int MostBytes = 128 * 1024;

    /// <summary>The strong validator of a response, or null: a weak one does not say that bytes are the same.</summary>
    public static string? ValidatorOf(ResponseHead head)
    {
        var tag = head.ETag;
        var value = !tag.IsEmpty && tag[0] == '"' ? tag : head.LastModified;
        return value.IsEmpty || value.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null : Encoding.ASCII.GetString(value);
    }

    /// <summary>Writes the file anew.</summary>
    public void Write(OutputFolder.Place place, string name)
    {
        using var file = place.OpenFile(name, OpenFlags.Write | OpenFlags.Create | OpenFlags.Truncate);
        RandomAccess.Write(file, Encoding.ASCII.GetBytes($"{Url}\n{Validator}\n"), 0);
    }

    /// <summary>Reads the file; null when it is missing or not whole.</summary>
    public static PartFacts? Read(OutputFolder.Place place, string name)
    {
        if (place.Look(name) is not { IsRegular: true, Size: > 0 and <= MostBytes } facts)
        {
            return null;
        }

        using var file = place.OpenFile(name, OpenFlags.Read);
        var bytes = new byte[facts.Size];
        var length = RandomAccess.Read(file, bytes, 0);
        return Encoding.ASCII.GetString(bytes, 0, length).Split('\n') is [var url, { Length: > 0 } validator, ""]
            ? new PartFacts(url, validator)
            : null;
    }
}
