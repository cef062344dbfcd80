using Fetcher.Commands;

return await CommandLine.RunAsync(
    args, AllCommands.CreateFetch, AllCommands.Subcommands, Console.Out, Console.Error, ConfigFile.DefaultPath());
