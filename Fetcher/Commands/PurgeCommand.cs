using System.CommandLine;

namespace Fetcher.Commands;

/// <summary><c>fetcher purge</c>: drops a job.</summary>
internal static class PurgeCommand
{
    public const string Description = "Drop a job that machines share, with all that belongs to it";

    public static Command Create()
    {
        var queue = new QueueOptionSet();
        var command = new GroupedCommand("purge", Description);
        queue.AddTo(command);
        command.SetAction((result, _) => RunAsync(queue.Bind(result)));
        return command;
    }

    private static async Task<int> RunAsync(QueuePlace place)
    {
        await using var store = await place.OpenAsync(isQuiet: true);
        if (!await store.PurgeAsync())
        {
            await Console.Error.WriteLineAsync($"fetcher: there is no job {place.Address}");
        }

        return 0;
    }
}
