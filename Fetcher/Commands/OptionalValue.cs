namespace Fetcher.Commands;

/// <summary>
/// Options whose value may be left out, where a SOURCE may come next: <c>--include-headers urls.txt</c>. The argument behind one is its value when it can be
/// one and is no file.
/// </summary>
internal static class OptionalValue
{
    public const string IncludeHeaders = "--include-headers";

    /// <summary>What stands for a value that was left out.</summary>
    public const string All = "*";

    /// <summary>The arguments with each such option and its value in one, as <c>--option=VALUE</c>.</summary>
    public static IReadOnlyList<string> Attach(IReadOnlyList<string> args)
    {
        if (!args.Contains(IncludeHeaders))
        {
            return args;
        }

        var attached = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            if (args[i] != IncludeHeaders || attached.Contains("--"))
            {
                attached.Add(args[i]);
                continue;
            }

            var value = i + 1 < args.Count && IsList(args[i + 1]) ? args[++i] : All;
            attached.Add($"{IncludeHeaders}={value}");
        }

        return attached;
    }

    private static bool IsList(string text)
    {
        if (text.StartsWith('-') || File.Exists(text))
        {
            return false;
        }

        try
        {
            return OptionText.FieldNames(text) is not null;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
