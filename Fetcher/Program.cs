using Fetcher.Commands;
using Fetcher.Core.Modes;

Subcommand[] subcommands = [new("lab", "Runs the embedded origin on loopback", LabCommand.Create)];
string[] modes = [.. ModeCatalog.All.SelectMany(mode => new[] { mode.Name, mode.Alias }).OfType<string>()];
return await CommandLine.RunAsync(args, () => FetchCommand.Create(modes, FetchRun.RunAsync), subcommands, Console.Out, Console.Error);
