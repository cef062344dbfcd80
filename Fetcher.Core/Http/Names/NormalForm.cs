namespace Fetcher.Core.Http.Names;

/// <summary>Normalization Form C (UAX 15): one way to write what can be written in several.</summary>
internal static class NormalForm
{
    // Korean syllables are decomposed and composed by arithmetic (The Unicode Standard, section 3.12).
    private const int FirstSyllable = 0xAC00, FirstLead = 0x1100, FirstVowel = 0x1161, BeforeFirstTail = 0x11A7;
    private const int Leads = 19, Vowels = 21, Tails = 28, Syllables = Leads * Vowels * Tails;

    /// <summary>Brings text into the form.</summary>
    public static List<int> Compose(List<int> text)
    {
        var characters = new List<int>(text.Count);
        foreach (var codePoint in text)
        {
            Decompose(codePoint, characters);
        }

        Order(characters);
        return Join(characters);
    }

    private static void Decompose(int codePoint, List<int> to)
    {
        var syllable = codePoint - FirstSyllable;
        if (syllable is >= 0 and < Syllables)
        {
            to.Add(FirstLead + (syllable / (Vowels * Tails)));
            to.Add(FirstVowel + (syllable / Tails % Vowels));
            if (syllable % Tails > 0)
            {
                to.Add(BeforeFirstTail + (syllable % Tails));
            }
        }
        else if (UnicodeTable.Instance.DecompositionOf(codePoint) is { } parts)
        {
            foreach (var part in parts)
            {
                Decompose(part, to);
            }
        }
        else
        {
            to.Add(codePoint);
        }
    }

    /// <summary>Puts marks in the order of their classes, and leaves those of one class in theirs.</summary>
    private static void Order(List<int> text)
    {
        for (var i = 1; i < text.Count; i++)
        {
            var (mark, of) = (text[i], ClassOf(text[i]));
            var at = i;
            while (of > 0 && at > 0 && ClassOf(text[at - 1]) > of)
            {
                text[at] = text[at - 1];
                at--;
            }

            text[at] = mark;
        }
    }

    private static List<int> Join(List<int> text)
    {
        var joined = new List<int>(text.Count);
        var (starter, last) = (-1, 0);
        foreach (var codePoint in text)
        {
            var of = ClassOf(codePoint);
            var isNext = starter == joined.Count - 1;
            if (starter >= 0 && (isNext || (last != 0 && last < of)) && CompositionOf(joined[starter], codePoint) is { } composed)
            {
                joined[starter] = composed;
                continue;
            }

            (starter, last) = of == 0 ? (joined.Count, 0) : (starter, of);
            joined.Add(codePoint);
        }

        return joined;
    }

    private static int? CompositionOf(int first, int second)
    {
        var (lead, vowel, syllable, tail) = (first - FirstLead, second - FirstVowel, first - FirstSyllable, second - BeforeFirstTail);
        return lead is >= 0 and < Leads && vowel is >= 0 and < Vowels ? FirstSyllable + (((lead * Vowels) + vowel) * Tails)
            : syllable is >= 0 and < Syllables && syllable % Tails == 0 && tail is > 0 and < Tails ? first + tail
            : UnicodeTable.Instance.CompositionOf(first, second);
    }

    private static int ClassOf(int codePoint) => UnicodeTable.Instance.PropertiesOf(codePoint).CombiningClass;
}
