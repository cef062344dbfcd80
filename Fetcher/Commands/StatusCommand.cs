using System.CommandLine;

namespace Fetcher.Commands;

/// <summary><c>fetcher status</c>: how far a job is.</summary>
internal sealed class StatusCommand
{
    public const string Description = "Show how far a job is that machines share, who works at it, and the engine's memory";

    private static readonly string[] Formats = ["table", "json", "prometheus"];
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly QueueOptionSet _queue = new();

    private readonly Option<string> _format = CliOption.Value(
        "--format", [], "NAME", $"What to print: {string.Join(", ", Formats)} [default: table]", text => OptionText.OneOf(text, Formats)).WithWords(Formats);

    private readonly Option<bool> _watch = CliOption.Flag("--watch", [], "Print it anew each second until the job is finished");

    public static Command Create()
    {
        var options = new StatusCommand();
        var command = new GroupedCommand("status", Description);
        options._queue.AddTo(command);
        command.AddGroup("Output", options._format, options._watch);
        command.SetAction((result, cancellation) => RunAsync(
            options._queue.Bind(result), result.ValueOr(options._format, Formats[0]), result.Has(options._watch), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(QueuePlace place, string format, bool watch, CancellationToken cancellation)
    {
        using var signals = new TerminationSignals(cancellation);
        await using var store = await place.OpenAsync(isQuiet: true);
        JobStatus? before = null;
        while (true)
        {
            var state = await store.ReadAsync() ?? throw new IOException($"there is no job {place.Address}");
            WorkerRun.Check(state.Facts, place);
            var status = new JobStatus(place.Address.Job, state, await store.WorkersAsync(), Engine(await store.InfoAsync()), before);
            Console.Out.Write(format switch
            {
                "json" => status.ToJson(),
                "prometheus" => status.ToPrometheus(),
                _ => status.ToTable(),
            });
            if (!watch || state.IsFinished)
            {
                return 0;
            }

            before = status;
            try
            {
                await Task.Delay(Interval, signals.Stopping);
            }
            catch (OperationCanceledException)
            {
                return signals.ExitStatus ?? 0;
            }
        }
    }

    private static EngineState Engine(IReadOnlyDictionary<string, string> info) => new(
        info.GetValueOrDefault("redis_version", ""),
        long.Parse(info.GetValueOrDefault("used_memory", "0"), System.Globalization.CultureInfo.InvariantCulture),
        long.Parse(info.GetValueOrDefault("maxmemory", "0"), System.Globalization.CultureInfo.InvariantCulture),
        info.GetValueOrDefault("maxmemory_policy", ""),
        info.GetValueOrDefault("aof_enabled") == "1");
}
