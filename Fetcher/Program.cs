using Fetcher.Commands;

string[] modes = ["async", "blocking-read", "sequential", "threads", "busy-wait", "select", "poll", "io-uring", "httpclient"];
return await CommandLine.RunAsync(args, () => FetchCommand.Create(modes, RunAsync), subcommands: [], Console.Out, Console.Error);

static async Task<int> RunAsync(FetchInvocation invocation, CancellationToken cancellation)
{
    await Console.Error.WriteLineAsync($"fetcher: this build cannot fetch yet ({invocation.Sources.Count} sources)");
    return 1;
}
