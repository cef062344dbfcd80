using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Work.Journals;

/// <summary>
/// A line of the journal: the outcome of one URL, without its times, as a JSON array, so that ten million lines stay below a gigabyte. Its members are index, url,
/// the kind of the error where there is one, status, size_body, content_type, etag, last_modified (seconds since 1970 where it is a date in its usual form),
/// saved_as, sha256, and final_url where it is not url.
/// </summary>
internal static class JournalLine
{
    /// <summary>What every line of an earlier version began with.</summary>
    private static ReadOnlySpan<byte> OldBeginning => "{\"index\":"u8;

    /// <summary>Whether a torn line may be the beginning of one, so that no other file is taken for a journal.</summary>
    public static bool MayBegin(ReadOnlySpan<byte> torn) =>
        OldBeginning.StartsWith(torn[..Math.Min(torn.Length, OldBeginning.Length)]) || (torn[0] == '[' && (torn.Length == 1 || char.IsAsciiDigit((char)torn[1])));

    /// <summary>Writes the line with its end.</summary>
    public static void Write(Utf8JsonWriter json, IBufferWriter<byte> output, FetchResult result)
    {
        json.Reset(output);
        json.WriteStartArray();
        json.WriteNumberValue(result.Index);
        var url = WithoutUserInfo(result.Url.Span);
        WriteText(json, url);
        if (result.Error is { } error)
        {
            json.WriteStringValue(error.KindName);
        }

        json.WriteNumberValue(result.Status);
        json.WriteNumberValue(result.SizeBody);

        var absent = 0;
        Write(json, result.ContentType, ref absent);
        Write(json, result.ETag.Span, ref absent);
        if (Date(result.LastModified.Span) is { } seconds)
        {
            WriteNulls(json, ref absent);
            json.WriteNumberValue(seconds);
        }
        else
        {
            Write(json, result.LastModified.Span, ref absent);
        }

        Write(json, result.SavedAs, ref absent);
        Write(json, result.Sha256, ref absent);
        if (!result.FinalUrl.Span.SequenceEqual(url))
        {
            // Also where it is empty.
            WriteNulls(json, ref absent);
            WriteText(json, result.FinalUrl.Span);
        }

        json.WriteEndArray();
        json.Flush();
        output.Write("\n"u8);
    }

    /// <summary>Writes a member; null only once another comes behind it, so that the end of the line has none.</summary>
    private static void Write(Utf8JsonWriter json, string? value, ref int absent)
    {
        if (value is null)
        {
            absent++;
            return;
        }

        WriteNulls(json, ref absent);
        json.WriteStringValue(value);
    }

    private static void Write(Utf8JsonWriter json, ReadOnlySpan<byte> value, ref int absent)
    {
        if (value.IsEmpty)
        {
            absent++;
            return;
        }

        WriteNulls(json, ref absent);
        WriteText(json, value);
    }

    /// <summary>Writes bytes as they are where they are ASCII, without a string; what is no UTF-8 becomes U+FFFD.</summary>
    private static void WriteText(Utf8JsonWriter json, ReadOnlySpan<byte> text)
    {
        if (Ascii.IsValid(text))
        {
            json.WriteStringValue(text);
        }
        else
        {
            json.WriteStringValue(Text(text));
        }
    }

    private static void WriteNulls(Utf8JsonWriter json, ref int absent)
    {
        for (; absent > 0; absent--)
        {
            json.WriteNullValue();
        }
    }

    /// <summary>Reads what a line says into <paramref name="result"/>; null when the line is none, else whether the URL was fetched.</summary>
    public static bool? TryRead(ReadOnlySpan<byte> line, FetchResult result)
    {
        if (line.IsEmpty || line[0] != '[')
        {
            return TryReadOld(line, result);
        }

        result.Reset();
        try
        {
            var json = new Utf8JsonReader(line);
            json.Read();
            var isOk = Read(ref json, result);
            return isOk is not null && json.TokenType == JsonTokenType.EndArray && !json.Read() && result.Index >= 0 ? isOk : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>Reads the members, up to the end of the array.</summary>
    private static bool? Read(ref Utf8JsonReader json, FetchResult result)
    {
        json.Read();
        result.Index = json.GetInt64();
        json.Read();
        result.Url.Set(json.GetString() ?? throw new FormatException());
        result.FinalUrl.Set(result.Url.Span);
        json.Read();
        var isOk = json.TokenType == JsonTokenType.Number;
        if (!isOk)
        {
            _ = json.GetString() ?? throw new FormatException();
            json.Read();
        }

        result.Status = json.GetInt32();
        json.Read();
        result.SizeBody = json.GetInt64();
        for (var member = 0; json.Read() && json.TokenType != JsonTokenType.EndArray; member++)
        {
            if (json.TokenType == JsonTokenType.Null)
            {
                continue;
            }

            switch (member)
            {
                case 0:
                    result.ContentType = json.GetString();
                    break;
                case 1:
                    result.ETag.Set(json.GetString()!);
                    break;
                case 2 when json.TokenType == JsonTokenType.Number:
                    result.LastModified.Set(Text(json.GetInt64()));
                    break;
                case 2:
                    result.LastModified.Set(json.GetString()!);
                    break;
                case 3:
                    result.SavedAs = json.GetString();
                    break;
                case 4:
                    result.Sha256 = json.GetString();
                    break;
                case 5:
                    result.FinalUrl.Set(json.GetString()!);
                    break;
                default:
                    json.Skip();
                    break;
            }
        }

        return isOk;
    }

    /// <summary>Reads a line as it was written before 0.3: an object, with the keys of the reports.</summary>
    private static bool? TryReadOld(ReadOnlySpan<byte> line, FetchResult result)
    {
        result.Reset();
        bool? ok = null;
        var hasIndex = false;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!line.StartsWith(OldBeginning) || !json.Read())
            {
                return null;
            }

            while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
            {
                var name = json.GetString();
                json.Read();
                switch (name)
                {
                    case "index":
                        result.Index = json.GetInt64();
                        hasIndex = result.Index >= 0;
                        break;
                    case "ok":
                        ok = json.GetBoolean();
                        break;
                    default:
                        ReadField(name, ref json, result);
                        break;
                }
            }

            return hasIndex && json.TokenType == JsonTokenType.EndObject && !json.Read() ? ok : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void ReadField(string? name, ref Utf8JsonReader json, FetchResult result)
    {
        switch (name)
        {
            case "url":
                result.Url.Set(json.GetString() ?? "");
                break;
            case "final_url":
                result.FinalUrl.Set(json.GetString() ?? "");
                break;
            case "status":
                result.Status = json.GetInt32();
                break;
            case "size_body":
                result.SizeBody = json.GetInt64();
                break;
            case "sha256":
                result.Sha256 = json.GetString();
                break;
            case "saved_as":
                result.SavedAs = json.GetString();
                break;
            case "content_type":
                result.ContentType = json.GetString();
                break;
            case "etag":
                result.ETag.Set(json.GetString() ?? "");
                break;
            case "last_modified":
                result.LastModified.Set(json.GetString() ?? "");
                break;
            default:
                json.Skip();
                break;
        }
    }

    /// <summary>A URL as results have it: what stands before an @ in the authority is a secret.</summary>
    public static ReadOnlySpan<byte> WithoutUserInfo(ReadOnlySpan<byte> url)
    {
        var start = url.IndexOf("://"u8) + 3;
        var rest = start < 3 ? default : url[start..];
        var end = rest.IndexOfAny("/?#"u8);
        var at = (end < 0 ? rest : rest[..end]).LastIndexOf((byte)'@');
        return at < 0 ? url : (byte[])[.. url[..start], .. rest[(at + 1)..]];
    }

    /// <summary>The hash by which the journal knows a URL.</summary>
    public static long HashOf(ReadOnlySpan<byte> url) => Hash64.Of(Encoding.UTF8.GetBytes(Text(WithoutUserInfo(url))));

    /// <summary>A date in its usual form as seconds since 1970, a third as long; null for any other text.</summary>
    private static long? Date(ReadOnlySpan<byte> text)
    {
        const int Length = 29;
        Span<char> chars = stackalloc char[Length];
        return text.Length == Length && Ascii.ToUtf16(text, chars, out _) == OperationStatus.Done
            && DateTimeOffset.TryParseExact(chars, "r", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var date)
            && date.TryFormat(chars, out _, "r", CultureInfo.InvariantCulture) && Ascii.Equals(text, chars)
            ? date.ToUnixTimeSeconds()
            : null;
    }

    /// <exception cref="FormatException">There is no such date.</exception>
    private static string Text(long seconds) => seconds is >= -62_135_596_800 and <= 253_402_300_799
        ? DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("r", CultureInfo.InvariantCulture)
        : throw new FormatException();

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
