using System.CommandLine;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;
using Fetcher.Queue;

namespace Fetcher.Commands;

/// <summary>A list that goes into a queue.</summary>
/// <param name="Place">The queue.</param>
/// <param name="Facts">What the job is.</param>
/// <param name="Sources">The SOURCE arguments.</param>
/// <param name="List">How they are read.</param>
internal sealed record JobList(QueuePlace Place, JobFacts Facts, IReadOnlyList<string> Sources, ListOptions List)
{
    public UrlSource Open() => UrlSource.Open(Sources, Facts.Count, options: List);

    /// <summary>Makes the job, or finds that it is there already.</summary>
    /// <exception cref="UsageException">It is another one.</exception>
    /// <exception cref="FetchSetupException">It is of a newer format.</exception>
    public async Task<JobFacts> CreateAsync(ILeaseStore store, Patience patience, CancellationToken stop)
    {
        var made = JobSearch.Check(await patience.AskAsync(() => store.CreateAsync(Facts), stop), Place.Address);
        var isSame = made.Options.SequenceEqual(Facts.Options) && made.Sources.SequenceEqual(Facts.Sources) && made.Count == Facts.Count && made.ByUrl == Facts.ByUrl;
        return isSame ? made : throw new UsageException(
            $"there is a job {Place.Address} with other sources or options: drop it with fetcher purge, or name another");
    }
}

/// <summary><c>fetcher enqueue</c>: puts a list into a job.</summary>
internal sealed class EnqueueCommand
{
    public const string Description = "Put a list into a job that machines share; again, it adds what is missing";

    private readonly QueueOptionSet _queue = new();
    private readonly Option<bool> _quiet = CliOption.Flag("--quiet", ["-q"], "No warnings");

    /// <param name="modeNames">The modes that <c>--mode</c> takes.</param>
    /// <param name="run">Does the work; its result is the exit status.</param>
    public static Command Create(IReadOnlyList<string> modeNames, Func<JobList, bool, CancellationToken, Task<int>> run)
    {
        var options = new EnqueueCommand();
        var parser = new FetchOptionParser(modeNames);
        var command = JobOptions.Part(parser.Command, "enqueue", Description, JobOptions.IsOfJob);
        var ofJob = command.Options.ToArray();
        command.Arguments.Add(parser.Fetch.Sources);
        command.AddGroup("List", parser.Fetch.Count, parser.Fetch.GlobOff);
        options._queue.AddTo(command, options._queue.Partition, options._queue.MostUnread);
        command.AddGroup("Output", options._quiet);
        command.SetAction((result, cancellation) =>
            run(Bind(result, options._queue, parser.Fetch, ofJob), result.Has(options._quiet), cancellation));
        return command;
    }

    /// <summary>Reads a list for a queue.</summary>
    /// <exception cref="UsageException">Something must not go into a queue.</exception>
    public static JobList Bind(
        ParseResult result, QueueOptionSet queue, FetchOptionSet fetch, IReadOnlyList<Option> options)
    {
        var byUrl = queue.IsByUrl(result);
        JobOptions.Check(result, options, byUrl);
        var given = result.GetRequiredValue(fetch.Sources);
        var facts = new JobFacts
        {
            Version = ThisAssembly.Version,
            Options = JobOptions.Arguments(result, options.Where(JobOptions.IsOfJob)),
            Sources = [.. given.Select(UserInfo.Remove)],
            Count = result.ValueOr(fetch.Count, 1),
            ByUrl = byUrl,
        };
        return new JobList(
            queue.Bind(result), facts with { MostUnread = result.ValueOr(queue.MostUnread, facts.MostUnread) }, given, fetch.ListOf(result));
    }
}
