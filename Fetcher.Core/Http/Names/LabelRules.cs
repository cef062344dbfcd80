namespace Fetcher.Core.Http.Names;

/// <summary>Which labels beyond ASCII may stand in a domain name (UTS 46, section 4.1; RFC 5892, appendix A; RFC 5893).</summary>
internal static class LabelRules
{
    private const int NonJoiner = 0x200C, Joiner = 0x200D, ViramaClass = 9;

    /// <summary>Whether each character is allowed where it stands.</summary>
    public static bool IsValid(List<int> label)
    {
        for (var i = 0; i < label.Count; i++)
        {
            var isValid = UnicodeTable.Instance.Look(label[i], out _) == NameStatus.Valid
                && (i > 0 || !Of(label[i]).IsMark)
                && label[i] switch
                {
                    Joiner => FollowsVirama(label, i),
                    NonJoiner => FollowsVirama(label, i) || BreaksJoin(label, i),
                    _ => true,
                };
            if (!isValid)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Whether the label makes its whole name one that is written from the right (RFC 5893, section 1.4).</summary>
    public static bool IsRightToLeft(List<int> label) => label.Exists(codePoint => Of(codePoint).Bidi is "R" or "AL" or "AN");

    /// <summary>Whether a label can be told from others in a name that is written from the right (RFC 5893, section 2).</summary>
    public static bool KeepsBidiRule(List<int> label)
    {
        if (label.Count == 0)
        {
            return true;
        }

        var classes = label.Select(codePoint => Of(codePoint).Bidi).ToList();
        var end = classes.FindLast(bidi => bidi != "NSM");
        return classes[0] switch
        {
            "R" or "AL" => classes.TrueForAll(bidi => bidi is "R" or "AL" or "AN" or "EN" or "ES" or "CS" or "ET" or "ON" or "BN" or "NSM")
                && end is "R" or "AL" or "EN" or "AN"
                && !(classes.Contains("EN") && classes.Contains("AN")),
            "L" => classes.TrueForAll(bidi => bidi is "L" or "EN" or "ES" or "CS" or "ET" or "ON" or "BN" or "NSM") && end is "L" or "EN",
            _ => false,
        };
    }

    private static bool FollowsVirama(List<int> label, int at) => at > 0 && Of(label[at - 1]).CombiningClass == ViramaClass;

    /// <summary>Whether the letters on both sides would join without it.</summary>
    private static bool BreaksJoin(List<int> label, int at)
    {
        var before = at - 1;
        while (before >= 0 && Of(label[before]).Joining == 'T')
        {
            before--;
        }

        var after = at + 1;
        while (after < label.Count && Of(label[after]).Joining == 'T')
        {
            after++;
        }

        return before >= 0 && after < label.Count && Of(label[before]).Joining is 'L' or 'D' && Of(label[after]).Joining is 'R' or 'D';
    }

    private static CharacterProperties Of(int codePoint) => UnicodeTable.Instance.PropertiesOf(codePoint);
}
