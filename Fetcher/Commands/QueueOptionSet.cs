using System.CommandLine;
using Fetcher.Core;
using Fetcher.Queue;
using Fetcher.Queue.Redis;

namespace Fetcher.Commands;

/// <summary>Where a queue is, and how to reach it.</summary>
/// <param name="Address">The engine and the job.</param>
/// <param name="CaCertPath">PEM file of the authority to trust for it, or null for the system's.</param>
/// <param name="Timeout">How long it may be silent.</param>
internal sealed record QueuePlace(RedisAddress Address, string? CaCertPath, TimeSpan Timeout)
{
    /// <exception cref="UsageException">It cannot be used.</exception>
    public async Task<RedisLeaseStore> OpenAsync(bool isQuiet)
    {
        try
        {
            return await RedisQueue.OpenAsync(Address, CaCertPath, warning => Warn(warning, isQuiet));
        }
        catch (FetchSetupException e)
        {
            throw new UsageException(e.Message);
        }
    }

    public Patience Patience(bool isQuiet) => new(Timeout, TimeProvider.System, warning => Warn(warning, isQuiet));

    public static void Warn(string warning, bool isQuiet)
    {
        if (!isQuiet)
        {
            Console.Error.WriteLine($"fetcher: {warning}");
        }
    }
}

/// <summary>The options about a queue.</summary>
internal sealed class QueueOptionSet
{
    private const string Variable = "FETCHER_QUEUE", Title = "Queue";

    /// <summary>Names of all of them.</summary>
    public static readonly IReadOnlyList<string> Names = ["--queue", "--queue-cacert", "--queue-timeout", "--partition", "--lease", "--name", "--max-unread"];

    /// <summary><c>--queue</c>.</summary>
    public Option<string> Queue { get; } = CliOption.Value(
        "--queue", [], "URL|@FILE",
        $"The job that machines share: redis://HOST:PORT/JOB, rediss:// with TLS; @FILE holds the URL, and so may ${Variable}", OptionText.NotEmpty);

    /// <summary><c>--partition</c>.</summary>
    public Option<string> Partition { get; } = CliOption.Value(
        "--partition", [], "HOW", "Share URLs out by host, which spares hosts, or by url, for a list of one host [default: host]",
        text => OptionText.OneOf(text, ["host", "url"])).WithWords("host", "url");

    /// <summary><c>--max-unread</c>.</summary>
    public Option<int> MostUnread { get; } = CliOption.Value(
        "--max-unread", [], "N", "Batches of at most 128 results that may wait for a collector before the workers wait, too [default: 8192]",
        text => OptionText.Integer(text, 1));

    private readonly Option<string> _caCert = CliOption.Value(
        "--queue-cacert", [], "FILE", "Trust the engine by these certificates (PEM) instead of the system's", OptionText.ExistingFile);

    private readonly Option<TimeSpan> _timeout = CliOption.Value(
        "--queue-timeout", [], "SECONDS", "End when the queue was lost for so long [default: 60]", OptionText.PositiveSeconds);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(GroupedCommand command, params IReadOnlyList<Option> more) => command.AddGroup(Title, [Queue, .. more, _caCert, _timeout]);

    /// <summary>Whether the main command was told of a queue; the variable alone does not count there.</summary>
    public bool IsGiven(ParseResult result) => result.Has(Queue);

    /// <summary>Whether URLs are shared out one by one.</summary>
    public bool IsByUrl(ParseResult result) => result.ValueOr(Partition, "host") == "url";

    /// <exception cref="UsageException">There is no address, or it is none.</exception>
    public QueuePlace Bind(ParseResult result)
    {
        var text = result.Has(Queue) ? result.GetRequiredValue(Queue) : Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(text))
        {
            throw new UsageException($"which queue? Name it with --queue redis://HOST:PORT/JOB, or in {Variable}");
        }

        var (source, url) = text.StartsWith('@') ? ($"the file {text[1..]}", Read(text[1..])) : (result.Has(Queue) ? "--queue" : Variable, text);
        try
        {
            return new QueuePlace(RedisAddress.Parse(url), result.ValueOr(_caCert, null!), result.ValueOr(_timeout, TimeSpan.FromSeconds(60)));
        }
        catch (FormatException e)
        {
            throw new UsageException($"{source}: {e.Message}");
        }
    }

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path).Trim();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"--queue @{path} cannot be read: {e.Message}");
        }
    }
}
