using System.Text;

namespace Fetcher.Core.Reports;

/// <summary>Makes text from servers and lists fit for a terminal.</summary>
internal static class PrintableText
{
    /// <summary>
    /// The text with every control character, line end, direction override and other invisible character as <c>\u{...}</c>, so that it
    /// cannot move the cursor, change colours or pretend to be another line.
    /// </summary>
    public static string Of(string text)
    {
        var printable = new StringBuilder(text.Length);
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsPrintable(rune))
            {
                printable.Append(rune);
            }
            else
            {
                printable.Append("\\u{").Append(rune.Value.ToString("x", System.Globalization.CultureInfo.InvariantCulture)).Append('}');
            }
        }

        return printable.ToString();
    }

    private static bool IsPrintable(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        System.Globalization.UnicodeCategory.Control
        or System.Globalization.UnicodeCategory.Format
        or System.Globalization.UnicodeCategory.LineSeparator
        or System.Globalization.UnicodeCategory.ParagraphSeparator
        or System.Globalization.UnicodeCategory.OtherNotAssigned
        or System.Globalization.UnicodeCategory.PrivateUse);
}
