using System.Globalization;

namespace Fetcher.Core.Http.Names;

/// <summary>What a character means in a domain name (UTS 46, section 5).</summary>
internal enum NameStatus
{
    Valid,
    Mapped,
    Ignored,
    Disallowed,
}

/// <summary>What the rules for labels ask of a character.</summary>
/// <param name="Bidi">Its Bidi_Class, by its short name.</param>
/// <param name="Joining">Its Joining_Type, by its letter.</param>
/// <param name="IsMark">Whether it is a mark, which goes with the character before it.</param>
/// <param name="CombiningClass">Its Canonical_Combining_Class.</param>
internal readonly record struct CharacterProperties(string Bidi, char Joining, bool IsMark, int CombiningClass);

/// <summary>
/// The data of the Unicode Standard that domain names need. It is read from names.txt when the first name beyond ASCII comes: .NET has it only with ICU,
/// which this program does without.
/// </summary>
internal sealed class UnicodeTable
{
    private static readonly Lazy<UnicodeTable> Loaded = new(() => new UnicodeTable());

    private readonly List<int> _mapStarts = [];
    private readonly List<(NameStatus Status, int[] Mapping)> _map = [];
    private readonly List<int> _propertyStarts = [];
    private readonly List<CharacterProperties> _properties = [];
    private readonly Dictionary<int, int[]> _decompositions = [];
    private readonly Dictionary<(int First, int Second), int> _compositions = [];

    private UnicodeTable()
    {
        using var reader = new StreamReader(typeof(UnicodeTable).Assembly.GetManifestResourceStream("names.txt")!);
        var section = "";
        while (reader.ReadLine() is { } line)
        {
            var fields = line.Split(' ');
            if (line.StartsWith('#'))
            {
                continue;
            }

            if (fields.Length == 1)
            {
                section = line;
                continue;
            }

            switch (section)
            {
                case "map":
                    _mapStarts.Add(Hex(fields[0]));
                    _map.Add((StatusOf(fields[1]), [.. fields[2..].Select(Hex)]));
                    break;
                case "properties":
                    _propertyStarts.Add(Hex(fields[0]));
                    _properties.Add(new(fields[1], fields[2][0], fields[3] == "M", int.Parse(fields[4], CultureInfo.InvariantCulture)));
                    break;
                default:
                    AddDecomposition(Hex(fields[0]), isComposed: fields[1] == "+", [.. fields[2..].Select(Hex)]);
                    break;
            }
        }
    }

    public static UnicodeTable Instance => Loaded.Value;

    /// <summary>What becomes of a character.</summary>
    /// <param name="codePoint">The character.</param>
    /// <param name="mapping">What takes its place, when it is mapped.</param>
    public NameStatus Look(int codePoint, out ReadOnlySpan<int> mapping)
    {
        var (status, to) = _map[RunOf(_mapStarts, codePoint)];
        mapping = to;
        return status;
    }

    /// <summary>The properties of a character that is valid in names.</summary>
    public CharacterProperties PropertiesOf(int codePoint) => _properties[RunOf(_propertyStarts, codePoint)];

    /// <summary>What a character is decomposed to, by one step or by all; null when it is not.</summary>
    public int[]? DecompositionOf(int codePoint) => _decompositions.GetValueOrDefault(codePoint);

    /// <summary>The character that two make, or null.</summary>
    public int? CompositionOf(int first, int second) => _compositions.TryGetValue((first, second), out var composed) ? composed : null;

    private static int RunOf(List<int> starts, int codePoint)
    {
        var at = starts.BinarySearch(codePoint);
        return at >= 0 ? at : ~at - 1;
    }

    private static int Hex(string text) => int.Parse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    private static NameStatus StatusOf(string letter) => letter switch
    {
        "V" => NameStatus.Valid,
        "M" => NameStatus.Mapped,
        "I" => NameStatus.Ignored,
        _ => NameStatus.Disallowed,
    };

    private void AddDecomposition(int codePoint, bool isComposed, int[] parts)
    {
        _decompositions[codePoint] = parts;
        if (isComposed)
        {
            _compositions[(parts[0], parts[1])] = codePoint;
        }
    }
}
