using Fetcher.Commands;
using Fetcher.Core.Modes;

Subcommand[] subcommands =
[
    new("lab", LabCommand.Description, LabCommand.Create),
    new("modes", ModesCommand.Description, ModesCommand.Create),
];
string[] modes = [.. ModeCatalog.All.SelectMany(mode => new[] { mode.Name, mode.Alias }).OfType<string>()];
return await CommandLine.RunAsync(args, () => FetchCommand.Create(modes, FetchRun.RunAsync), subcommands, Console.Out, Console.Error);
