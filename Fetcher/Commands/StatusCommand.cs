using System.CommandLine;
using Fetcher.Core;
using Fetcher.Queue;
using Fetcher.Queue.Redis;
using Fetcher.Terminal;

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
        if (watch && format == "prometheus")
        {
            throw new UsageException("--watch and --format prometheus exclude each other: Prometheus asks again by itself");
        }

        using var signals = new TerminationSignals(cancellation);
        await using var store = await place.OpenAsync(isQuiet: true);
        var screen = new WatchedText(Console.Out, watch && format == Formats[0] ? TerminalStyle.OfStandardOutput() : TerminalStyle.Plain);
        var patience = place.Patience(isQuiet: false);
        (long Done, long Now)? before = null;
        try
        {
            while (true)
            {
                var status = watch ? await patience.AskAsync(() => ReadAsync(place, store, before), signals.Stopping) : await ReadAsync(place, store, before);
                screen.Show(format switch
                {
                    "json" => status.ToJson(),
                    "prometheus" => status.ToPrometheus(),
                    _ => status.ToTable(),
                });
                if (!watch || status.IsFinished)
                {
                    return 0;
                }

                before = status.Mark;
                await Task.Delay(Interval, signals.Stopping);
            }
        }
        catch (OperationCanceledException) when (signals.ExitStatus is not null)
        {
            return signals.ExitStatus.Value;
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    private static async Task<JobStatus> ReadAsync(QueuePlace place, RedisLeaseStore store, (long Done, long Now)? before)
    {
        var state = await store.ReadAsync() ?? throw new IOException($"there is no job {place.Address}");
        JobSearch.Check(state.Facts, place.Address);
        return new JobStatus(place.Address.Job, state, await store.WorkersAsync(), Engine(await store.InfoAsync()), before);
    }

    private static EngineState Engine(IReadOnlyDictionary<string, string> info) => new(
        info.GetValueOrDefault("redis_version", ""),
        long.Parse(info.GetValueOrDefault("used_memory", "0"), System.Globalization.CultureInfo.InvariantCulture),
        long.Parse(info.GetValueOrDefault("maxmemory", "0"), System.Globalization.CultureInfo.InvariantCulture),
        info.GetValueOrDefault("maxmemory_policy", ""),
        info.GetValueOrDefault("aof_enabled") == "1");
}
