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

    /// <summary>Adds options under a title, behind those that stand there already.</summary>
    public void AddGroup(string title, params IReadOnlyList<Option> options)
    {
        var known = _groups.FindIndex(group => group.Title == title);
        if (known < 0)
        {
            _groups.Add(new OptionGroup(title, options));
        }
        else
        {
            _groups[known] = new OptionGroup(title, [.. _groups[known].Options, .. options]);
        }

        foreach (var option in options)
        {
            Options.Add(option);
        }
    }
}
