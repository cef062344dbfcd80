using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Fetcher.Core.Reports.Fields;

/// <summary>What JSON takes as it is (RFC 8259, section 7), of ASCII: visible characters and the space, without the quotation mark and the backslash.</summary>
internal static class PlainText
{
    /// <summary>As bytes.</summary>
    public static readonly SearchValues<byte> Bytes = SearchValues.Create([.. Ascii().Select(c => (byte)c)]);

    /// <summary>As UTF-16 units.</summary>
    public static readonly SearchValues<char> Chars = SearchValues.Create([.. Ascii()]);

    /// <summary>Whether a text has nothing else in it. Sixteen bytes at once: in a URL, a search for <see cref="Bytes"/> costs nearly twice as much (bench/NOTES.md).</summary>
    public static bool Is(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length < Vector128<byte>.Count)
        {
            return !utf8.ContainsAnyExcept(Bytes);
        }

        // The last sixteen may be looked at twice.
        var last = utf8.Length - Vector128<byte>.Count;
        ref var first = ref MemoryMarshal.GetReference(utf8);
        for (var i = 0; i < last; i += Vector128<byte>.Count)
        {
            if (HasOther(Vector128.LoadUnsafe(ref first, (nuint)i)))
            {
                return false;
            }
        }

        return !HasOther(Vector128.LoadUnsafe(ref first, (nuint)last));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool HasOther(Vector128<byte> bytes) =>
        (Vector128.GreaterThan(bytes - Vector128.Create((byte)' '), Vector128.Create((byte)('~' - ' ')))
            | Vector128.Equals(bytes, Vector128.Create((byte)'"'))
            | Vector128.Equals(bytes, Vector128.Create((byte)'\\'))) != Vector128<byte>.Zero;

    private static IEnumerable<char> Ascii() => Enumerable.Range(' ', '~' - ' ' + 1).Select(c => (char)c).Where(c => c is not ('"' or '\\'));
}
