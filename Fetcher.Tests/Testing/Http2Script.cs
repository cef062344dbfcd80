using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Testing;

/// <summary>
/// What a server of HTTP/2 sends, as text: frames are separated by <c>|</c>, and a word that is <c>end</c> or <c>open</c> sets END_STREAM, or leaves END_HEADERS
/// out. <c>settings 3=100 | headers 1 200 content-length=3 | data 1 abc end | rst 3 8 | goaway 1 0 | window 0 5 | ping | raw 9 4 1 0a0b</c>
/// </summary>
internal static class Http2Script
{
    public static byte[] Bytes(string script) =>
        [.. script.Split('|', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).SelectMany(frame => Frame(frame.Split(' ')))];

    /// <summary>One frame.</summary>
    public static byte[] Frame(int type, int flags, int stream, ReadOnlySpan<byte> payload)
    {
        var frame = new byte[Http2FrameHeader.Size + payload.Length];
        new Http2FrameHeader(payload.Length, (Http2FrameType)type, (Http2Flags)flags, stream).Write(frame);
        payload.CopyTo(frame.AsSpan(Http2FrameHeader.Size));
        return frame;
    }

    /// <summary>A field as a literal that no table keeps.</summary>
    public static byte[] Field(string name, string value) => [0, .. Text(name), .. Text(value)];

    private static byte[] Frame(string[] words)
    {
        var flags = (words.Contains("end") ? (int)Http2Flags.EndStream : 0) | (words.Contains("open") || words[0] == "data" ? 0 : (int)Http2Flags.EndHeaders);
        var rest = words.Skip(1).Where(word => word is not ("end" or "open")).ToArray();
        return words[0] switch
        {
            "settings" => Frame(4, 0, 0, [.. rest.SelectMany(Setting)]),
            "settings-ack" => Frame(4, 1, 0, []),
            "headers" => Frame(1, flags, Number(rest[0]), [.. Field(":status", rest[1]), .. Fields(rest.Skip(2))]),
            "fields" => Frame(1, flags, Number(rest[0]), Fields(rest.Skip(1))),
            "continuation" => Frame(9, flags, Number(rest[0]), Fields(rest.Skip(1))),
            "data" => Data(flags, Number(rest[0]), rest.Skip(1).ToArray()),
            "rst" => Frame(3, 0, Number(rest[0]), Int(Number(rest[1]))),
            "ping" => Frame(6, 0, 0, "12345678"u8),
            "goaway" => Frame(7, 0, 0, [.. Int(Number(rest[0])), .. Int(Number(rest[1]))]),
            "window" => Frame(8, 0, Number(rest[0]), Int(Number(rest[1]))),
            "priority" => Frame(2, 0, Number(rest[0]), new byte[5]),
            "raw" => Frame(Number(rest[0]), Number(rest[1]), Number(rest[2]), rest.Length > 3 ? Convert.FromHexString(rest[3]) : []),
            "zeros" => Frame(Number(rest[0]), Number(rest[1]), Number(rest[2]), new byte[Number(rest[3])]),
            var other => throw new ArgumentException($"no frame is called {other}"),
        };
    }

    private static byte[] Data(int flags, int stream, string[] words)
    {
        var padding = words.FirstOrDefault(word => word.StartsWith("pad=", StringComparison.Ordinal));
        var text = words.FirstOrDefault(word => word != padding) ?? "";
        var body = text.StartsWith('*') ? Encoding.ASCII.GetBytes(new string('x', Number(text[1..]))) : Encoding.ASCII.GetBytes(text);
        return padding is null
            ? Frame(0, flags, stream, body)
            : Frame(0, flags | 8, stream, [(byte)Number(padding[4..]), .. body, .. new byte[Number(padding[4..])]]);
    }

    private static byte[] Fields(IEnumerable<string> words) => [.. words.SelectMany(word =>
    {
        var split = word.IndexOf('=', 1);
        return word.StartsWith("hex=", StringComparison.Ordinal)
            ? Convert.FromHexString(word[4..])
            : Field(word[..split], word[(split + 1)..].Replace("\\s", " ", StringComparison.Ordinal).Replace("\\0", "\0", StringComparison.Ordinal));
    })];

    private static byte[] Setting(string word)
    {
        var (id, value) = (Number(word.Split('=')[0]), long.Parse(word.Split('=')[1], CultureInfo.InvariantCulture));
        return [(byte)(id >> 8), (byte)id, .. Int((int)value)];
    }

    private static byte[] Text(string text)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var length = new byte[HpackInteger.MaxLength];
        return [.. length.AsSpan(0, HpackInteger.Write(length, 0, 7, bytes.Length)), .. bytes];
    }

    private static byte[] Int(int number)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, number);
        return bytes;
    }

    private static int Number(string text) => (int)long.Parse(text, CultureInfo.InvariantCulture);
}
