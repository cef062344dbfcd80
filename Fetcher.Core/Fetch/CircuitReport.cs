using Fetcher.Core.Hosts;

namespace Fetcher.Core.Fetch;

/// <summary>What a transfer has to say about the host that it asked last.</summary>
internal static class CircuitReport
{
    /// <summary>Tells the host's circuit how an attempt ended, unless it was told when the request did.</summary>
    public static void ReportAttempt(this FetchJob job, Transfer transfer, FetchError? error)
    {
        if (!transfer.IsRefused && !transfer.PassedCircuit)
        {
            job.Report(transfer, default, error);
        }
    }

    /// <summary>Tells the host's circuit how a request ended.</summary>
    public static void Report(this FetchJob job, Transfer transfer, Admission admission, FetchError? error)
    {
        // The end of the URL's own time says nothing about the host.
        var isLate = error is not null && !transfer.IsAnswered && Nanoseconds.Now(job.Clock) >= transfer.Deadline;
        var outcome = isLate ? default : HostOutcome.Of(error, transfer.IsAnswered ? transfer.Result.Status : 0, transfer.RetryAfter is not null);
        job.Circuits.Report(transfer.Current.Origin, admission, outcome);
    }
}
