using Fetcher;
using Fetcher.Commands;
using Fetcher.Core.Interop;
using Fetcher.Terminal;

AppDomain.CurrentDomain.UnhandledException += (_, failed) => LastWords.Say((Exception)failed.ExceptionObject);
StandardStreams.HoldPlaces();
ClosedConsole.Replace();
return await CommandLine.RunAsync(
    args, AllCommands.CreateFetch, AllCommands.Subcommands, Console.Out, Console.Error, ConfigFile.DefaultPath());
