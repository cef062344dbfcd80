using System.Buffers;
using System.Text;
using System.Text.Json;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Work.Journals;

/// <summary>
/// A line of the journal: the outcome of one URL, without its times, as JSON. The keys are those of the reports where they have them.
/// </summary>
internal static class JournalLine
{
    /// <summary>What every line begins with, so that no other file is taken for a journal.</summary>
    public static ReadOnlySpan<byte> Beginning => "{\"index\":"u8;

    /// <summary>Writes the line with its end.</summary>
    public static void Write(Utf8JsonWriter json, IBufferWriter<byte> output, FetchResult result)
    {
        json.Reset(output);
        json.WriteStartObject();
        json.WriteNumber("index"u8, result.Index);
        json.WriteString("url"u8, Text(WithoutUserInfo(result.Url.Span)));
        json.WriteString("final_url"u8, Text(result.FinalUrl.Span));
        json.WriteBoolean("ok"u8, result.Ok);
        json.WriteNumber("status"u8, result.Status);
        json.WriteString("error"u8, result.Error?.KindName);
        json.WriteNumber("size_body"u8, result.SizeBody);
        json.WriteString("sha256"u8, result.Sha256);
        json.WriteString("saved_as"u8, result.SavedAs);
        json.WriteString("content_type"u8, result.ContentType);
        json.WriteString("etag"u8, result.ETag.Length == 0 ? null : Text(result.ETag.Span));
        json.WriteString("last_modified"u8, result.LastModified.Length == 0 ? null : Text(result.LastModified.Span));
        json.WriteEndObject();
        json.Flush();
        output.Write("\n"u8);
    }

    /// <summary>Reads what a line says into <paramref name="result"/>; null when it was not fetched or the line is none.</summary>
    public static bool? TryRead(ReadOnlySpan<byte> line, FetchResult result)
    {
        result.Reset();
        bool? ok = null;
        var hasIndex = false;
        try
        {
            var json = new Utf8JsonReader(line);
            if (!line.StartsWith(Beginning) || !json.Read())
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

    private static string Text(ReadOnlySpan<byte> bytes) => Encoding.UTF8.GetString(bytes);
}
