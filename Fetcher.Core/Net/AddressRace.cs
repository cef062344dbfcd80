using System.Net;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>
/// Tries a host's addresses as RFC 8305 (Happy Eyeballs, section 5) has it: one after the other, each a short delay after the last, or at once when the
/// last has failed. The first connection wins and the others are closed, so that a dead address costs the delay and not the whole timeout.
/// </summary>
internal sealed class AddressRace(EventLoop loop, TimeSpan delay, Func<IPAddress, CancellationToken, ValueTask<LoopSocket>> dial)
{
    /// <exception cref="FetchException">No address could be reached; the failure is that of the last.</exception>
    public async ValueTask<(LoopSocket Socket, IPAddress Address)> RunAsync(IPAddress[] addresses)
    {
        var running = new List<(Task<LoopSocket> Dial, IPAddress Address)>();
        var next = 0;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(loop.Stopping);
        try
        {
            while (true)
            {
                if (next < addresses.Length)
                {
                    running.Add((dial(addresses[next], over.Token).AsTask(), addresses[next]));
                    next++;
                }

                var ended = await FirstToEndAsync(running, next < addresses.Length).ConfigureAwait(false);
                if (ended < 0)
                {
                    continue;
                }

                var (task, address) = running[ended];
                running.RemoveAt(ended);
                if (task.IsCompletedSuccessfully || (next == addresses.Length && running.Count == 0))
                {
                    return (await task.ConfigureAwait(false), address);
                }
            }
        }
        finally
        {
            over.Cancel();
            foreach (var (late, _) in running)
            {
                _ = late.ContinueWith(CloseLate, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Closes a connection that came too late. Its failure, looked at here, interests nobody.</summary>
    private static void CloseLate(Task<LoopSocket> dial)
    {
        if (dial.Exception is null && !dial.IsCanceled)
        {
            dial.Result.Dispose();
        }
    }

    /// <summary>Which attempt ended first, or -1 when the delay is over and the next address is to be tried.</summary>
    private async ValueTask<int> FirstToEndAsync(List<(Task<LoopSocket> Dial, IPAddress Address)> running, bool moreAddresses)
    {
        using var stopDelay = CancellationTokenSource.CreateLinkedTokenSource(loop.Stopping);
        var dials = running.Select(one => (Task)one.Dial);
        var pause = moreAddresses ? Task.Delay(delay, loop.TimeProvider, stopDelay.Token) : null;
        var first = await Task.WhenAny(pause is null ? dials : dials.Append(pause)).ConfigureAwait(false);
        stopDelay.Cancel();
        return running.FindIndex(one => one.Dial == first);
    }
}
