using Fetcher.Commands;
using Fetcher.Core.Reports;

StandardStreams.HoldPlaces();
return await CommandLine.RunAsync(
    args, AllCommands.CreateFetch, AllCommands.Subcommands, Console.Out, Console.Error, ConfigFile.DefaultPath());
