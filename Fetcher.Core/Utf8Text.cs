using System.Runtime.CompilerServices;
using System.Text;

namespace Fetcher.Core;

/// <summary>A short UTF-8 text in a buffer that is kept and written over, so that a list of any length needs no string per URL.</summary>
internal sealed class Utf8Text
{
    private byte[] _bytes = [];

    /// <summary>Length in bytes.</summary>
    public int Length { get; private set; }

    /// <summary>The text; valid until the next change.</summary>
    public ReadOnlySpan<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _bytes.AsSpan(0, Length);
    }

    /// <summary>Replaces the text.</summary>
    public void Set(ReadOnlySpan<byte> text)
    {
        if (_bytes.Length < text.Length)
        {
            // A little more, so that a list of ever longer URLs needs few.
            _bytes = new byte[Math.Max(text.Length + (text.Length / 4), 64)];
        }

        text.CopyTo(_bytes);
        Length = text.Length;
    }

    /// <summary>Replaces the text.</summary>
    public void Set(string text) => Set(Encoding.UTF8.GetBytes(text));

    /// <summary>Empties the text and keeps the buffer.</summary>
    public void Clear() => Length = 0;

    /// <summary>The text as a string; bytes that are not UTF-8 become U+FFFD.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Span);
}
