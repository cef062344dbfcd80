using System.CommandLine;
using System.Text;

namespace Fetcher.Commands;

/// <summary>
/// Options of the default command in a file (<c>-K</c>), a line each, as curl(1) has it: <c>option = value</c>, <c>option: value</c> or
/// <c>option value</c>, with or without its dashes; a flag stands alone. <c>url = ...</c> is a SOURCE. A value may stand in double quotes,
/// with <c>\\ \" \n \r \t \v</c>; without them it ends before <c> #</c>. Lines that begin with # are comments.
/// </summary>
internal static class ConfigFile
{
    private const string SourceName = "url";

    /// <summary>The file that is read when it is there: <c>fetcher/config</c> in the user's folder for such files; null without one.</summary>
    public static string? DefaultPath()
    {
        // XDG Base Directory Specification: a path that is not absolute does not count.
        var folder = Environment.GetEnvironmentVariable("XDG_CONFIG_HOME") is { } given && Path.IsPathRooted(given)
            ? given
            : Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home ? Path.Combine(home, ".config") : null;
        return folder is null ? null : Path.Combine(folder, "fetcher", "config");
    }

    /// <summary>Reads a file as arguments.</summary>
    /// <param name="path">The file; <c>-</c> is standard input.</param>
    /// <param name="command">Whose options they are.</param>
    /// <exception cref="UsageException">It cannot be read, or a line of it is wrong; the message names both.</exception>
    public static IReadOnlyList<string> Read(string path, Command command)
    {
        string text;
        try
        {
            text = path == "-" ? Console.In.ReadToEnd() : File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new UsageException($"the config file {path} cannot be read: {e.Message}");
        }

        return Parse(path, text, command);
    }

    /// <summary>Reads the text of a file as arguments.</summary>
    /// <exception cref="UsageException">A line is wrong.</exception>
    public static IReadOnlyList<string> Parse(string path, string text, Command command)
    {
        var arguments = new List<string>();
        var number = 0;
        foreach (var line in text.TrimStart('\uFEFF').Split('\n'))
        {
            number++;
            var trimmed = line.Trim();
            if (trimmed.Length == 0 || trimmed[0] == '#')
            {
                continue;
            }

            try
            {
                arguments.AddRange(ParseLine(trimmed, command));
            }
            catch (FormatException e)
            {
                throw new UsageException($"{path}:{number}: {e.Message}");
            }
        }

        return arguments;
    }

    private static string[] ParseLine(string line, Command command)
    {
        var end = line.AsSpan().IndexOfAny(" \t=:");
        var name = end < 0 ? line : line[..end];
        var value = end < 0 ? null : Value(line[end..].TrimStart().TrimStart('=', ':').TrimStart());
        if (name == SourceName)
        {
            return value is { Length: > 0 } ? [value] : throw new FormatException("url needs a value");
        }

        var option = Find(name, command) ?? throw new FormatException($"there is no option {name}");
        if (option.Action is not null || option.Name is FetchCommand.ConfigName or FetchCommand.NoConfigName)
        {
            throw new FormatException($"{option.Name} has no place in a config file");
        }

        if (option.Arity.MaximumNumberOfValues == 0)
        {
            return value switch
            {
                null or "" or "true" => [option.Name],
                "false" => [],
                _ => throw new FormatException($"{option.Name} takes no value"),
            };
        }

        string[] arguments = value is null ? throw new FormatException($"{option.Name} needs a value") : [option.Name, value];

        // Alone, so that what is wrong with the value can be said with the line.
        var errors = command.Parse([command.Name, .. arguments], CommandLine.Syntax).Errors;
        return errors.FirstOrDefault(error => error.Message.StartsWith(option.Name + ":", StringComparison.Ordinal)) is { } error
            ? throw new FormatException(error.Message)
            : arguments;
    }

    private static Option? Find(string name, Command command)
    {
        string[] spellings = name.StartsWith('-') ? [name] : ["--" + name];
        return command.Options.FirstOrDefault(option => spellings.Contains(option.Name) || option.Aliases.Any(spellings.Contains));
    }

    private static string Value(string text)
    {
        if (!text.StartsWith('"'))
        {
            var comment = text.StartsWith('#') ? 0 : text.IndexOf(" #", StringComparison.Ordinal);
            return comment < 0 ? text : text[..comment].TrimEnd();
        }

        var value = new StringBuilder();
        for (var i = 1; i < text.Length; i++)
        {
            switch (text[i])
            {
                case '"':
                    return text[(i + 1)..].TrimStart() is "" or ['#', ..]
                        ? value.ToString()
                        : throw new FormatException("something follows the closing quote");
                case '\\' when i + 1 < text.Length:
                    value.Append(text[++i] switch { 'n' => '\n', 'r' => '\r', 't' => '\t', 'v' => '\v', var other => other });
                    break;
                default:
                    value.Append(text[i]);
                    break;
            }
        }

        throw new FormatException("the closing quote is missing");
    }
}
