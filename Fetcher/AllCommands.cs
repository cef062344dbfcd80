using System.CommandLine;
using Fetcher.Commands;
using Fetcher.Compare;
using Fetcher.Core.Modes;
using Fetcher.Lesson;

namespace Fetcher;

/// <summary>The commands of the program.</summary>
internal static class AllCommands
{
    /// <summary>The commands with a name, in the order of the help.</summary>
    public static IReadOnlyList<Subcommand> Subcommands { get; } =
    [
        new("compare", "Runs the same work under several modes, and tells what each cost", () => CompareCommand.Create(ModeCatalog.Names, CompareRun.RunAsync, RoundRun.RunAsync)),
        new("lesson", LessonCommand.Description, () => LessonCommand.Create(LessonRun.RunAsync)),
        new("lab", LabCommand.Description, LabCommand.Create),
        new("worker", WorkerCommand.Description, () => WorkerCommand.Create(ModeCatalog.Names, WorkerRun.RunAsync)),
        new("enqueue", EnqueueCommand.Description, () => EnqueueCommand.Create(ModeCatalog.Names, QueueRun.EnqueueAsync)),
        new("collect", CollectCommand.Description, () => CollectCommand.Create(ModeCatalog.Names)),
        new("status", StatusCommand.Description, StatusCommand.Create),
        new("purge", PurgeCommand.Description, PurgeCommand.Create),
        new("modes", ModesCommand.Description, ModesCommand.Create),
        new("completion", CompletionCommand.Description, () => CompletionCommand.Create(Create)),
        new("man", ManCommand.Description, () => ManCommand.Create(Create)),
    ];

    /// <summary>Makes the command without a name.</summary>
    public static Command CreateFetch() => FetchCommand.Create(ModeCatalog.Names, FetchRun.RunAsync);

    /// <summary>Makes all commands, the default one first, for the manual page and the completion scripts.</summary>
    public static IReadOnlyList<Command> Create()
    {
        var fetch = CreateFetch();
        InformationOptions.AddTo(fetch, Subcommands);
        var others = Subcommands.Select(subcommand =>
        {
            var command = subcommand.Create();
            InformationOptions.AddTo(command, []);
            return command;
        });
        return [fetch, .. others];
    }
}
