using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>What stands between a URL and its bytes, in order: robots.txt, the host's circuit, telemetry, the round trip.</summary>
internal static class AskChain
{
    /// <summary>Makes the chain of one loop; only the links that the options ask for are in it.</summary>
    /// <param name="job">The run.</param>
    /// <param name="roundTrip">Makes requests.</param>
    /// <param name="wait">Waits for what happens elsewhere.</param>
    public static Ask Of(FetchJob job, RoundTrip roundTrip, WaitElsewhere wait)
    {
        Ask ask = new RequestTelemetry(job, roundTrip).AskAsync;
        if (job.Options.CircuitFailures > 0)
        {
            ask = new CircuitGuard(job, ask).AskAsync;
        }

        return job.Robots is { } robots ? new RobotsGuard(job, robots, wait, ask).AskAsync : ask;
    }
}
