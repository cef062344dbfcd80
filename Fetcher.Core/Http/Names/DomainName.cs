using System.Text;

namespace Fetcher.Core.Http.Names;

/// <summary>
/// Internationalised domain names in the form that DNS takes (UTS 46, ToASCII, nontransitional, without the rules for hyphens and lengths), as browsers
/// have them. What is left in ASCII is not judged here.
/// </summary>
internal static class DomainName
{
    private const string Prefix = "xn--";

    /// <summary>More than any name needs, with all its characters decomposed.</summary>
    private const int MostCharacters = 4096;

    /// <summary>A label of more cannot be encoded in 63 bytes.</summary>
    private const int MostOfLabel = 63;

    /// <summary>Converts a name; null when it is none.</summary>
    public static string? ToAscii(string name)
    {
        if (name.Length > MostCharacters || Map(name) is not { } mapped)
        {
            return null;
        }

        var ascii = new List<string>();
        var labels = new List<List<int>>();
        foreach (var label in Split(NormalForm.Compose(mapped)))
        {
            var text = string.Concat(label.Select(char.ConvertFromUtf32));
            var isEncoded = text.StartsWith(Prefix, StringComparison.Ordinal);
            var plain = isEncoded ? DecodeWhole(text) : label;
            if (plain is null or { Count: > MostOfLabel } || !LabelRules.IsValid(plain))
            {
                return null;
            }

            labels.Add(plain);
            ascii.Add(isEncoded || Ascii.IsValid(text) ? text : Prefix + Punycode.Encode(label));
        }

        var keepsBidiRule = !labels.Exists(LabelRules.IsRightToLeft) || labels.TrueForAll(LabelRules.KeepsBidiRule);
        return keepsBidiRule ? string.Join('.', ascii) : null;
    }

    private static List<int>? Map(string name)
    {
        var mapped = new List<int>(name.Length);
        foreach (var rune in name.EnumerateRunes())
        {
            switch (UnicodeTable.Instance.Look(rune.Value, out var mapping))
            {
                case NameStatus.Valid:
                    mapped.Add(rune.Value);
                    break;
                case NameStatus.Mapped:
                    mapped.AddRange(mapping);
                    break;
                case NameStatus.Disallowed:
                    return null;
                default:
                    break;
            }
        }

        return mapped;
    }

    private static IEnumerable<List<int>> Split(List<int> name)
    {
        for (int start = 0, end; start <= name.Count; start = end + 1)
        {
            end = name.IndexOf('.', start) is >= 0 and var dot ? dot : name.Count;
            yield return name[start..end];
        }
    }

    /// <summary>What an encoded label stands for; null when it is not what encoding that would give.</summary>
    private static List<int>? DecodeWhole(string label)
    {
        var decoded = Ascii.IsValid(label) ? Punycode.Decode(label.AsSpan(Prefix.Length)) : null;
        var isWhole = decoded is not null
            && decoded.Exists(codePoint => codePoint > 0x7F)
            && decoded.TrueForAll(codePoint => UnicodeTable.Instance.Look(codePoint, out _) == NameStatus.Valid)
            && NormalForm.Compose(decoded).SequenceEqual(decoded)
            && !decoded.Take(Prefix.Length).SequenceEqual(Prefix.Select(letter => (int)letter));
        return isWhole ? decoded : null;
    }
}
