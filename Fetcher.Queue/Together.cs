namespace Fetcher.Queue;

/// <summary>Runs what belongs together.</summary>
internal static class Together
{
    /// <summary>Runs all to their ends; when one fails, the others are ended.</summary>
    /// <param name="stop">Ends all, which is no failure.</param>
    /// <param name="parts">What to run.</param>
    /// <returns>What went wrong first, or null.</returns>
    public static async Task<Exception?> RunAsync(CancellationToken stop, params IEnumerable<Func<CancellationToken, Task>> parts)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var running = parts.Select(part => part(end.Token)).ToList();
        Exception? problem = null;
        while (running.Count > 0)
        {
            var ended = await Task.WhenAny(running).ConfigureAwait(false);
            running.Remove(ended);
            try
            {
                await ended.ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (end.IsCancellationRequested)
            {
                // The end that was asked for.
            }
            catch (Exception e)
            {
                problem ??= e;
                await end.CancelAsync().ConfigureAwait(false);
            }
        }

        return problem;
    }
}
