using System.Text;

namespace Fetcher.Core.Http.Http2;

/// <summary>The fields that both ends know from the start (RFC 7541, appendix A). The first has the index 1.</summary>
internal static class HpackTable
{
    /// <summary>What each entry counts besides its name and value (RFC 7541, section 4.1).</summary>
    public const int EntryOverhead = 32;

    private static readonly (byte[] Name, byte[] Value, FieldKind Kind)[] Entries =
    [
        Of(":authority"), Of(":method", "GET"), Of(":method", "POST"), Of(":path", "/"), Of(":path", "/index.html"), Of(":scheme", "http"),
        Of(":scheme", "https"), Of(":status", "200"), Of(":status", "204"), Of(":status", "206"), Of(":status", "304"), Of(":status", "400"),
        Of(":status", "404"), Of(":status", "500"), Of("accept-charset"), Of("accept-encoding", "gzip, deflate"), Of("accept-language"),
        Of("accept-ranges"), Of("accept"), Of("access-control-allow-origin"), Of("age"), Of("allow"), Of("authorization"), Of("cache-control"),
        Of("content-disposition"), Of("content-encoding"), Of("content-language"), Of("content-length"), Of("content-location"),
        Of("content-range"), Of("content-type"), Of("cookie"), Of("date"), Of("etag"), Of("expect"), Of("expires"), Of("from"), Of("host"),
        Of("if-match"), Of("if-modified-since"), Of("if-none-match"), Of("if-range"), Of("if-unmodified-since"), Of("last-modified"),
        Of("link"), Of("location"), Of("max-forwards"), Of("proxy-authenticate"), Of("proxy-authorization"), Of("range"), Of("referer"),
        Of("refresh"), Of("retry-after"), Of("server"), Of("set-cookie"), Of("strict-transport-security"), Of("transfer-encoding"),
        Of("user-agent"), Of("vary"), Of("via"), Of("www-authenticate"),
    ];

    /// <summary>How many there are; the entries that a connection adds have higher indexes.</summary>
    public static int Count => Entries.Length;

    public static ReadOnlySpan<byte> NameAt(int index) => Entries[index - 1].Name;

    public static ReadOnlySpan<byte> ValueAt(int index) => Entries[index - 1].Value;

    public static FieldKind KindAt(int index) => Entries[index - 1].Kind;

    /// <summary>The lowest index of a field called <paramref name="name"/>, or 0.</summary>
    public static int IndexOf(ReadOnlySpan<byte> name)
    {
        for (var i = 0; i < Entries.Length; i++)
        {
            if (name.SequenceEqual(Entries[i].Name))
            {
                return i + 1;
            }
        }

        return 0;
    }

    private static (byte[] Name, byte[] Value, FieldKind Kind) Of(string name, string value = "")
    {
        var bytes = Encoding.ASCII.GetBytes(name);
        return (bytes, Encoding.ASCII.GetBytes(value), FieldKinds.OfName(bytes));
    }
}
