using Fetcher.Commands;
using Fetcher.Compare;
using Fetcher.Core.Modes;
using Fetcher.Core.Reports;

StandardStreams.HoldPlaces();
string[] modes = [.. ModeCatalog.All.SelectMany(mode => new[] { mode.Name, mode.Alias }).OfType<string>()];
Subcommand[] subcommands =
[
    new("compare", "Runs the same work under several modes, and tells what each cost", () => CompareCommand.Create(modes, CompareRun.RunAsync, RoundRun.RunAsync)),
    new("lab", LabCommand.Description, LabCommand.Create),
    new("modes", ModesCommand.Description, ModesCommand.Create),
];
return await CommandLine.RunAsync(args, () => FetchCommand.Create(modes, FetchRun.RunAsync), subcommands, Console.Out, Console.Error);
