using System.Text;

namespace Fetcher.Core.Http;

/// <summary>
/// How .NET's client is to read the values of fields: a byte a character. It would read a control character as a space, so such a field is refused here,
/// where its bytes are still to be seen.
/// </summary>
internal sealed class FieldEncoding : Encoding
{
    public static readonly FieldEncoding Instance = new();

    public override int GetByteCount(char[] chars, int index, int count) => Latin1.GetByteCount(chars, index, count);

    public override int GetBytes(char[] chars, int charIndex, int charCount, byte[] bytes, int byteIndex) =>
        Latin1.GetBytes(chars, charIndex, charCount, bytes, byteIndex);

    public override int GetCharCount(byte[] bytes, int index, int count) => count;

    /// <exception cref="FetchException">There is a control character.</exception>
    public override int GetChars(byte[] bytes, int byteIndex, int byteCount, char[] chars, int charIndex)
    {
        var value = bytes.AsSpan(byteIndex, byteCount);
        var found = value.IndexOfAny(HttpGrammar.Control);
        return found < 0
            ? Latin1.GetChars(bytes, byteIndex, byteCount, chars, charIndex)
            : throw Failures.HeadInvalid.Of($"the control character 0x{value[found]:X2} in a field").Thrown();
    }

    public override int GetMaxByteCount(int charCount) => charCount;

    public override int GetMaxCharCount(int byteCount) => byteCount;
}
