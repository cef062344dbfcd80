using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Fetcher.Core.Saving.Warc;

/// <summary>How WARC 1.1 (ISO 28500:2017) writes digests, dates and record headers.</summary>
internal static class WarcText
{
    /// <summary>RFC 4648, section 6.</summary>
    private const string Base32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    /// <summary>Bytes of a digest.</summary>
    public const int DigestLength = 20;

    /// <summary>SHA-1: what archives are searched by. It tells bodies apart and guards nothing.</summary>
    [SuppressMessage("Security", "CA5350:Do Not Use Weak Cryptographic Algorithms", Justification = "The field's own digest; no secret depends on it.")]
    public static IncrementalHash NewHash() => IncrementalHash.CreateHash(HashAlgorithmName.SHA1);

    /// <summary>A digest as the fields have it: <c>sha1:</c> and base32.</summary>
    public static string Digest(ReadOnlySpan<byte> hash)
    {
        const string Algorithm = "sha1:";
        Span<char> text = stackalloc char[Algorithm.Length + (DigestLength * 8 / 5)];
        Algorithm.CopyTo(text);
        var length = Algorithm.Length;
        var bits = 0;
        var value = 0;
        foreach (var b in hash)
        {
            value = (value << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
            {
                text[length++] = Base32[(value >> (bits - 5)) & 31];
            }

            value &= (1 << bits) - 1;
        }

        return new string(text);
    }

    /// <summary>The digest of what a hash was given, which is empty afterwards.</summary>
    public static string DigestOf(IncrementalHash hash)
    {
        Span<byte> digest = stackalloc byte[DigestLength];
        hash.GetHashAndReset(digest);
        return Digest(digest);
    }

    /// <summary>A moment in UTC, to the second (W3C's profile of ISO 8601).</summary>
    public static string Date(DateTimeOffset date) => date.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    /// <summary>Writes a record's header in the place of what was written before: the version, the fields that have a value, and the empty line.</summary>
    public static void WriteHeader(ArrayBufferWriter<byte> header, params ReadOnlySpan<(string Name, string? Value)> fields)
    {
        header.ResetWrittenCount();
        header.Write("WARC/1.1\r\n"u8);
        foreach (var (name, value) in fields)
        {
            if (value is not null)
            {
                Encoding.UTF8.GetBytes(name, header);
                header.Write(": "u8);
                Encoding.UTF8.GetBytes(value, header);
                header.Write("\r\n"u8);
            }
        }

        header.Write("\r\n"u8);
    }
}
