using Fetcher.Commands;
using Fetcher.Compare;
using Fetcher.Core.Modes;

string[] modes = [.. ModeCatalog.All.SelectMany(mode => new[] { mode.Name, mode.Alias }).OfType<string>()];
var compare = () => CompareCommand.Create(modes, CompareRun.RunAsync, RoundRun.RunAsync);
Subcommand[] subcommands =
[
    new("compare", "Runs the same work under several modes, and tells what each cost", compare),
    new("lab", "Runs the embedded origin on loopback", LabCommand.Create),
];
return await CommandLine.RunAsync(args, () => FetchCommand.Create(modes, FetchRun.RunAsync), subcommands, Console.Out, Console.Error);
