using System.Globalization;
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

    /// <summary>
    /// The strong validator of a response, or null: a weak one does not say that bytes are the same. A date is strong when the response is of a later
    /// second, since nothing can have changed within that one (RFC 9110, section 8.8.2.2).
    /// </summary>
    public static string? ValidatorOf(ResponseHead head)
    {
        var tag = head.ETag;
        var value = !tag.IsEmpty && tag[0] == '"' ? tag
            : TryDate(head.LastModified, out var modified) && TryDate(head.Field("Date"u8), out var sent) && modified < sent ? head.LastModified
            : default;
        return value.IsEmpty || value.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? null : Encoding.ASCII.GetString(value);
    }

    private static bool TryDate(ReadOnlySpan<byte> text, out DateTimeOffset date) =>
        DateTimeOffset.TryParseExact(Encoding.ASCII.GetString(text), "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out date);

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
