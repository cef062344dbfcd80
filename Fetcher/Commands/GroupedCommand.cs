using System.CommandLine;

namespace Fetcher.Commands;

/// <summary>Options that stand together in the help.</summary>
internal sealed record OptionGroup(string Title, IReadOnlyList<Option> Options);

/// <summary>A command whose help shows its options in groups.</summary>
internal sealed class GroupedCommand : Command
{
    private readonly List<OptionGroup> _groups = [];

    public GroupedCommand(string name, string description)
        : base(name, description)
    {
    }

    /// <summary>The groups, in the order of the help.</summary>
    public IReadOnlyList<OptionGroup> Groups => _groups;

    /// <summary>Adds options under a title.</summary>
    public void AddGroup(string title, params IReadOnlyList<Option> options)
    {
        _groups.Add(new OptionGroup(title, options));
        foreach (var option in options)
        {
            Options.Add(option);
        }
    }
}
