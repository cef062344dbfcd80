using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>All options that say how URLs are fetched and saved, as one command: of a worker, some come from the job and some from its machine.</summary>
internal sealed class FetchOptionParser
{
    private readonly FetchOptionSet _fetch = new();
    private readonly CookieOptionSet _cookies = new();
    private readonly SavingOptionSet _saving = new();
    private readonly Option<string> _mode;

    public FetchOptionParser(IReadOnlyList<string> modeNames)
    {
        _mode = FetchCommand.ModeOption(modeNames);
        _fetch.AddTo(Command, _mode);
        _cookies.AddTo(Command);
        _saving.AddTo(Command);
        Command.Arguments.Clear();
    }

    /// <summary>The command with all of them.</summary>
    public GroupedCommand Command { get; } = new("worker", "");

    /// <summary>Those that say what is fetched and how.</summary>
    public FetchOptionSet Fetch => _fetch;

    /// <summary>Whether arguments have <c>--lab</c>.</summary>
    public bool IsLab(IReadOnlyList<string> arguments) => _fetch.IsLab(Command.Parse([Command.Name, .. arguments], CommandLine.Syntax));

    /// <summary>Reads arguments.</summary>
    /// <exception cref="UsageException">One is not known, or they contradict each other.</exception>
    public FetchOptions Bind(IReadOnlyList<string> arguments)
    {
        var result = Command.Parse([Command.Name, .. arguments], CommandLine.Syntax);
        if (ParseProblem.Find(result, arguments) is { } problem)
        {
            throw new UsageException(problem);
        }

        return _saving.Bind(result, _cookies.Bind(result, _fetch.Bind(result, PasswordPrompt.Ask))) with { Mode = result.ValueOr(_mode, "async") };
    }
}
