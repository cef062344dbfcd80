using System.Buffers;

namespace Fetcher.Core.Http.Http2;

/// <summary>What a field of a response is by its name and value alone (RFC 9113, sections 8.2 and 8.3).</summary>
internal enum FieldKind : byte
{
    /// <summary>A field that may stand in a header section or in trailers.</summary>
    Ordinary,

    /// <summary>The pseudo-field <c>:status</c>.</summary>
    Status,

    /// <summary>Another pseudo-field, which no response has.</summary>
    OtherPseudo,

    /// <summary>No name.</summary>
    NoName,

    /// <summary>A character in the name that cannot stand there.</summary>
    InvalidName,

    /// <summary>A character in the value that cannot stand there.</summary>
    InvalidValue,

    /// <summary>A field about a connection of HTTP/1.1.</summary>
    OfConnection,
}

/// <summary>Judges fields of HTTP/2.</summary>
internal static class FieldKinds
{
    /// <summary>Bytes of a field name: of a token, but for the letters in uppercase (RFC 9113, section 8.2.1).</summary>
    private static readonly SearchValues<byte> LowercaseToken = SearchValues.Create("!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"u8);

    /// <summary>What a field is by its name, whatever its value.</summary>
    public static FieldKind OfName(ReadOnlySpan<byte> name) =>
        name.IsEmpty ? FieldKind.NoName
        : name[0] == ':' ? (name.SequenceEqual(":status"u8) ? FieldKind.Status : FieldKind.OtherPseudo)
        : name.ContainsAnyExcept(LowercaseToken) ? FieldKind.InvalidName
        : IsOfConnection(name) ? FieldKind.OfConnection
        : FieldKind.Ordinary;

    /// <summary>What it is, once its value is known too.</summary>
    public static FieldKind With(this FieldKind kind, ReadOnlySpan<byte> value) => kind == FieldKind.Ordinary && !IsValue(value) ? FieldKind.InvalidValue : kind;

    private static bool IsValue(ReadOnlySpan<byte> value) =>
        value.IsEmpty || !(HttpGrammar.IsBlank(value[0]) || HttpGrammar.IsBlank(value[^1]) || value.ContainsAny(HttpGrammar.Control));

    /// <summary>RFC 9113, section 8.2.2. The lengths differ, so they pick the one name to compare with.</summary>
    private static bool IsOfConnection(ReadOnlySpan<byte> name) => name.Length switch
    {
        7 => name.SequenceEqual("upgrade"u8),
        10 => name.SequenceEqual("connection"u8) || name.SequenceEqual("keep-alive"u8),
        16 => name.SequenceEqual("proxy-connection"u8),
        17 => name.SequenceEqual("transfer-encoding"u8),
        _ => false,
    };
}
