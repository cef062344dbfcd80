using System.CommandLine;
using System.CommandLine.Completions;
using System.Text;

namespace Fetcher.Commands;

/// <summary>Completion scripts, written from the definitions of the commands. The first command is the one without a name.</summary>
internal static class CompletionScripts
{
    /// <summary>For bash: <c>source &lt;(fetcher completion bash)</c>, or a file in bash-completion's folder.</summary>
    public static string Bash(IReadOnlyList<Command> commands)
    {
        var script = new StringBuilder();
        script.Append(
            """
            # bash completion for fetcher
            _fetcher() {
                local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command='' words=''
                if [ "$prev" = '=' ]; then prev=${COMP_WORDS[COMP_CWORD-2]}; fi
                if [ "$cur" = '=' ]; then prev=${COMP_WORDS[COMP_CWORD-1]}; cur=''; fi

            """);
        script.Append($"    if [ \"$COMP_CWORD\" -gt 1 ]; then case ${{COMP_WORDS[1]}} in {Names(commands, "|")}) command=${{COMP_WORDS[1]}} ;; esac; fi\n");
        script.Append("    case $command,$prev in\n");
        foreach (var command in commands)
        {
            foreach (var option in Shown(command).Where(TakesValue))
            {
                var patterns = string.Join('|', Spellings(option).Select(name => $"{NameOf(command)},{name}"));
                script.Append($"        {patterns}) words='{string.Join(' ', WordsOf(option))}' ;;\n");
            }
        }

        script.Append("        *)\n            case $command in\n");
        foreach (var command in commands)
        {
            var words = Shown(command).SelectMany(Spellings).Concat(command.Arguments.SelectMany(WordsOf));
            script.Append($"                '{NameOf(command)}') words='{string.Join(' ', words)}' ;;\n");
        }

        script.Append("            esac\n");
        script.Append($"            if [ \"$COMP_CWORD\" -eq 1 ]; then words=\"$words {Names(commands, " ")}\"; fi ;;\n");
        script.Append(
            """
                esac
                # Without a word that fits, files are completed.
                COMPREPLY=($(compgen -W "$words" -- "$cur"))
            }
            complete -o default -F _fetcher fetcher

            """);
        return script.ToString();
    }

    /// <summary>For zsh: a file <c>_fetcher</c> in a folder of its <c>fpath</c>.</summary>
    public static string Zsh(IReadOnlyList<Command> commands)
    {
        var script = new StringBuilder("#compdef fetcher\n_fetcher() {\n    local -a options\n    case $words[2] in\n");
        foreach (var command in commands.Skip(1).Append(commands[0]))
        {
            var pattern = NameOf(command).Length > 0 ? NameOf(command) : "*";
            script.Append($"        {pattern})\n            options=(\n");
            foreach (var option in Shown(command))
            {
                foreach (var name in Spellings(option))
                {
                    var equals = name.StartsWith("--", StringComparison.Ordinal) ? "=" : "+";
                    var value = TakesValue(option) ? $":{option.HelpName}:{ZshWords(WordsOf(option))}" : "";
                    script.Append($"                {Quote($"*{name}{(TakesValue(option) ? equals : "")}[{ZshText(option)}]{value}")}\n");
                }
            }

            script.Append("            )\n            ;;\n");
        }

        var arguments = string.Concat(commands.Skip(1).Select(command => $" {command.Name}"));
        script.Append("    esac\n");
        script.Append($"    (( CURRENT == 2 )) && compadd --{arguments}\n");
        script.Append("    _arguments -s -S $options '*:SOURCE:_files'\n}\n_fetcher \"$@\"\n");
        return script.ToString();
    }

    /// <summary>For fish: a file <c>fetcher.fish</c> in its folder of completions.</summary>
    public static string Fish(IReadOnlyList<Command> commands)
    {
        var names = Names(commands, " ");
        var script = new StringBuilder("# fish completion for fetcher\n");
        foreach (var command in commands.Skip(1))
        {
            script.Append($"complete -c fetcher -n 'test (count (commandline -opc)) -eq 1' -a {command.Name} -d {Quote(command.Description ?? "")}\n");
        }

        foreach (var command in commands)
        {
            var condition = NameOf(command).Length > 0
                ? $"__fish_seen_subcommand_from {NameOf(command)}"
                : $"not __fish_seen_subcommand_from {names}";
            foreach (var option in Shown(command))
            {
                script.Append($"complete -c fetcher -n '{condition}'");
                foreach (var name in Spellings(option))
                {
                    script.Append(name.StartsWith("--", StringComparison.Ordinal) ? $" -l {name[2..]}" : $" -s {name[1..]}");
                }

                var words = string.Join(' ', WordsOf(option));
                script.Append(words.Length > 0 ? $" -x -a '{words}'" : TakesValue(option) ? " -r" : "");
                script.Append($" -d {Quote(option.Description ?? "")}\n");
            }

            foreach (var argument in command.Arguments.Where(argument => WordsOf(argument).Any()))
            {
                script.Append($"complete -c fetcher -n '{condition}' -x -a '{string.Join(' ', WordsOf(argument))}'\n");
            }
        }

        return script.ToString();
    }

    private static string NameOf(Command command) => command.Name == "fetcher" ? "" : command.Name;

    private static string Names(IReadOnlyList<Command> commands, string separator) =>
        string.Join(separator, commands.Skip(1).Select(command => command.Name));

    private static IEnumerable<Option> Shown(Command command) => command.Options.Where(option => !option.Hidden);

    private static IEnumerable<string> Spellings(Option option) => [option.Name, .. option.Aliases];

    private static bool TakesValue(Option option) => option.Arity.MaximumNumberOfValues > 0;

    private static IEnumerable<string> WordsOf(Symbol symbol) =>
        symbol is Option option && !TakesValue(option) ? [] : symbol.GetCompletions(CompletionContext.Empty).Select(item => item.Label);

    private static string ZshWords(IEnumerable<string> words) => string.Join(' ', words) is { Length: > 0 } list ? $"({list})" : "_files";

    private static string ZshText(Option option) =>
        (option.Description ?? "").Replace("[", @"\[", StringComparison.Ordinal).Replace("]", @"\]", StringComparison.Ordinal).Replace(":", @"\:", StringComparison.Ordinal);

    private static string Quote(string text) => $"'{text.Replace("'", @"'\''", StringComparison.Ordinal)}'";
}
