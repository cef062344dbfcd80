using System.Net;

namespace Fetcher.Core.Net;

/// <summary>
/// Tries a host's addresses as RFC 8305 (Happy Eyeballs, section 5) has it: one after the other, each a short delay after the last, or at
/// once when the last has failed. The first connection wins and the others are closed, so that a dead address costs the delay and not the
/// whole timeout.
/// </summary>
/// <param name="clock">The clock of the delay; a loop's own, where there is one.</param>
/// <param name="dial">Connects to one address; its token is cancelled when the race is over.</param>
/// <param name="stopping">Cancelled when the run is being stopped.</param>
/// <typeparam name="TSocket">What a connection is.</typeparam>
internal sealed class AddressRace<TSocket>(
    TimeProvider clock, Func<IPAddress, CancellationToken, ValueTask<TSocket>> dial, CancellationToken stopping)
    where TSocket : IDisposable
{
    /// <summary>
    /// How long an address may keep silent before the next is tried beside it (RFC 8305, section 8: Connection Attempt Delay).
    /// </summary>
    private static readonly TimeSpan AttemptDelay = TimeSpan.FromMilliseconds(250);

    /// <exception cref="FetchException">No address could be reached; the failure is that of the last.</exception>
    public async ValueTask<(TSocket Socket, IPAddress Address)> RunAsync(IPAddress[] addresses)
    {
        var running = new List<(Task<TSocket> Dial, IPAddress Address)>();
        var next = 0;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stopping);
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
                _ = late.ContinueWith(
                    CloseLate, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
    }

    /// <summary>Closes a connection that came too late. Its failure, looked at here, interests nobody.</summary>
    private static void CloseLate(Task<TSocket> dial)
    {
        if (dial.Exception is null && !dial.IsCanceled)
        {
            dial.Result.Dispose();
        }
    }

    /// <summary>Which attempt ended first, or -1 when the delay is over and the next address is to be tried.</summary>
    private async ValueTask<int> FirstToEndAsync(List<(Task<TSocket> Dial, IPAddress Address)> running, bool moreAddresses)
    {
        using var stopDelay = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var dials = running.Select(one => (Task)one.Dial);
        var pause = moreAddresses ? Task.Delay(AttemptDelay, clock, stopDelay.Token) : null;
        var first = await Task.WhenAny(pause is null ? dials : dials.Append(pause)).ConfigureAwait(false);
        stopDelay.Cancel();
        return running.FindIndex(one => one.Dial == first);
    }
}
