using System.CommandLine;

namespace Fetcher.Commands;

/// <summary>
/// Which options of a fetch belong to a job of a queue, and go into it as they were typed; and which to each machine: what it can bear, its folders, its way
/// to the network, and all that is a secret.
/// </summary>
internal static class JobOptions
{
    private static readonly string[] OfMachine =
    [
        "--mode", "--concurrency", "--loops", "--lab", "--user", "--oauth2-bearer", "--netrc", "--netrc-optional", "--netrc-file", "--dns-servers", "--resolve", "--connect-to", "--interface", "--unix-socket", "--insecure", "--cacert", "--cert", "--key",
        "--proxy", "--noproxy", "--proxy-user", "--proxytunnel", "--proxy-insecure", "--proxy-cacert", "--cookie", "--cookie-jar", "--hsts",
        "--output-dir", "--output-template", "--remote-header-name", "--remote-time", "--warc-max-size", "--skip-existing", "--continue", "--warc", "--grace",
    ];

    /// <summary>What is the same for every URL of the job, whoever fetches it. Named one by one, so that no new option goes into a queue unseen.</summary>
    private static readonly string[] OfJob =
    [
        "--dedupe", "--default-scheme", "--retry-on", "--dns-ttl", "--cpu-burst", "--per-host", "--rate", "--rate-per-host", "--limit-rate", "--adaptive", "--robots", "--circuit-breaker", "--circuit-break", "--speed-limit", "--speed-time",
        "--header", "--user-agent", "--compressed", "--location", "--no-location", "--max-redirs", "--accept-status", "--max-filesize", "--sha256", "--include-headers", "--traceparent", "--ipv4", "--ipv6",
        "--http1.0", "--http1.1", "--http2", "--http2-prior-knowledge", "--http2-window", "--http2-connection-window", "--tls-min", "--tls-max", "--tlsv1.2", "--tlsv1.3",
        "--connect-timeout", "--max-time", "--read-timeout", "--retry", "--retry-delay", "--retry-max-time", "--retry-all-errors",
    ];

    /// <summary>What is neither: the work itself, and what becomes of the results.</summary>
    private static readonly string[] OfNobody =
    [
        "--count", "--globoff", "--journal", "--revalidate", "--order", "--waterfall", "--stalls", "--explain", "--write-out", "--duration", "--fail-if", "--live", "--dry-run", "--config", "--no-config",
        "--format", "--report", "--quiet", "--verbose", "--progress", "--no-progress", "--help", "--version",
    ];

    private static readonly string[] SecretHeaders = ["authorization", "proxy-authorization", "cookie"];

    /// <summary>Options that share out the turns at a host, which only a partition by host can.</summary>
    private static readonly string[] PerHost = ["--per-host", "--rate-per-host", "--adaptive", "--robots"];

    public static bool IsOfMachine(Option option) => OfMachine.Contains(option.Name) || option.Name == "--header";

    public static bool IsOfJob(Option option) => OfJob.Contains(option.Name);

    /// <summary>Whether it is known whose an option is.</summary>
    public static bool IsKnown(Option option) =>
        IsOfJob(option) || IsOfMachine(option) || OfNobody.Contains(option.Name) || QueueOptionSet.Names.Contains(option.Name);

    /// <summary>A command with some of the options of another, in the same groups.</summary>
    public static GroupedCommand Part(GroupedCommand whole, string name, string description, Func<Option, bool> isWanted)
    {
        var part = new GroupedCommand(name, description);
        foreach (var group in whole.Groups)
        {
            if (group.Options.Where(isWanted).ToArray() is { Length: > 0 } options)
            {
                part.AddGroup(group.Title, options);
            }
        }

        return part;
    }

    /// <summary>The arguments that say again what was said of some options.</summary>
    public static IReadOnlyList<string> Arguments(ParseResult result, IEnumerable<Option> options) =>
    [
        .. from option in options
           let given = result.GetResult(option)
           where given is { Implicit: false }
           from argument in given.Tokens.Count == 0 ? [option.Name] : given.Tokens.Select(token => $"{option.Name}={token.Value}")
           select argument,
    ];

    /// <summary>Checks what would go into a queue.</summary>
    /// <param name="result">What was typed.</param>
    /// <param name="options">All options of the command.</param>
    /// <param name="byUrl">Whether URLs are shared out one by one.</param>
    /// <exception cref="UsageException">Something is a secret, a machine's own, or of no use.</exception>
    public static void Check(ParseResult result, IEnumerable<Option> options, bool byUrl)
    {
        foreach (var option in options.Where(result.Has))
        {
            if (OfMachine.Contains(option.Name))
            {
                throw new UsageException($"{option.Name} is each worker's own and goes into no queue: give it to fetcher worker");
            }

            if (option.Name == "--revalidate")
            {
                throw new UsageException("--revalidate and --queue exclude each other: the journal of the earlier run is not where the workers are");
            }

            if (byUrl && PerHost.Contains(option.Name))
            {
                throw new UsageException($"--partition url and {option.Name} exclude each other: a host is then asked by several workers at once");
            }

            foreach (var token in option.Name == "--header" ? result.GetResult(option)!.Tokens : [])
            {
                CheckHeader(token.Value);
            }
        }
    }

    private static void CheckHeader(string line)
    {
        if (line.StartsWith('@'))
        {
            throw new UsageException("--header @FILE goes into no queue, since the file may hold secrets: give the header itself, or give it to fetcher worker");
        }

        var name = line.Split(':', ';')[0].Trim();
        if (SecretHeaders.Contains(name.ToLowerInvariant()))
        {
            throw new UsageException($"the header {name} is a secret and goes into no queue: give it to fetcher worker");
        }
    }
}
