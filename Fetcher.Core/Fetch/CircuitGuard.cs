using System.Runtime.CompilerServices;
using Fetcher.Core.Hosts;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>Lets no request pass to a host whose circuit is open, and tells a circuit how the requests end that it let pass.</summary>
/// <param name="job">The run.</param>
/// <param name="next">Makes the request.</param>
internal sealed class CircuitGuard(FetchJob job, Ask next)
{
    /// <summary>Asks, if the host may be asked now.</summary>
    public LoopTask<Reply> AskAsync(Transfer transfer) => job.Circuits.IsQuiet ? next(transfer) : AskIfAdmitted(transfer);

    // Apart, so that passing a request on is a jump.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private LoopTask<Reply> AskIfAdmitted(Transfer transfer)
    {
        var admission = job.Circuits.Enter(transfer.Current.Origin);
        return !admission.HasCircuit ? next(transfer)
            : admission.Refusal is { } refusal ? new LoopTask<Reply>(Reply.NotMade(refusal))
            : AskFailingAsync(transfer, admission);
    }

    /// <summary>Draws conclusions about the host from what a request came to, unless that has been done when it ended.</summary>
    /// <param name="job">The run.</param>
    /// <param name="transfer">Whose request.</param>
    /// <param name="reply">What it came to.</param>
    public static void Report(FetchJob job, Transfer transfer, Reply reply)
    {
        if (reply.Kind > ReplyKind.NotRepeated && !reply.IsReported)
        {
            Report(job, transfer, reply, default);
        }
    }

    private async LoopTask<Reply> AskFailingAsync(Transfer transfer, Admission admission)
    {
        var reply = new Reply(ReplyKind.NoResponse);
        try
        {
            reply = await next(transfer).ConfigureAwait(false);
        }
        finally
        {
            // Whatever happens: a trial that never ended would keep the circuit open for ever.
            Report(job, transfer, reply, admission);
        }

        return reply with { IsReported = true };
    }

    private static void Report(FetchJob job, Transfer transfer, Reply reply, Admission admission)
    {
        // The end of the URL's own time says nothing about the host.
        var isLate = reply.Error is not null && !reply.IsAnswered && MonotonicClock.Now(job.Clock) >= transfer.Deadline;
        var error = reply.Error ?? (reply.IsAccepted ? null : Failures.OfStatus(reply.Status, job.Options.RetryOn));
        var outcome = isLate ? default : HostOutcome.Of(error, reply.Status, reply.RetryAfter is not null);
        job.Circuits.Report(transfer.Current.Origin, admission, outcome);
    }
}
