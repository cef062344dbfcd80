using System.Runtime.ExceptionServices;

namespace Fetcher.Core;

/// <content>What clients on several machines do together.</content>
public sealed partial class FetchClient
{
    /// <summary>
    /// Puts URLs into a job that machines share, and gives their outcomes as they end, whoever fetches them: clients that <see cref="WorkAsync(FetchQueue, CancellationToken)"/>. Again, it adds
    /// what is missing. The job is closed when the sequence ends.
    /// </summary>
    /// <param name="urls">The URLs, the same each time.</param>
    /// <param name="queue">The job.</param>
    /// <param name="cancellationToken">Ends the call; the job stays where it is.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="FetchSetupException">The job is another one, or of a newer format.</exception>
    /// <exception cref="IOException">The engine is lost, or the job is.</exception>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IEnumerable<string> urls, FetchQueue queue, CancellationToken cancellationToken = default) =>
        FetchAllAsync(urls.Select(url => new FetchRequest(url)).ToAsyncEnumerable(), queue, cancellationToken);

    /// <inheritdoc cref="FetchAllAsync(IEnumerable{string}, FetchQueue, CancellationToken)"/>
    public IAsyncEnumerable<FetchOutcome> FetchAllAsync(IAsyncEnumerable<FetchRequest> urls, FetchQueue queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(urls);
        ArgumentNullException.ThrowIfNull(queue);
        return RunAsync(
            urls,
            async (feed, outcomes, stop) =>
            {
                feed.FailsAtEnd = true;
                await queue.CollectAsync(feed, outcomes, stop).ConfigureAwait(false);
                return null;
            },
            cancellationToken);
    }

    /// <summary>
    /// Takes part in a job that machines share until the job is finished: fetches what it gets of it with the options of this client, whose reader has the
    /// bodies. <see cref="FetchOptions.StartInterval"/> holds for all workers together.
    /// </summary>
    /// <param name="queue">The job. It may not be there yet.</param>
    /// <param name="cancellationToken">Ends the call; what is under way is broken off and left to others.</param>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    /// <exception cref="FetchSetupException">A file that the options name is unusable, or the job cannot be worked at with these options.</exception>
    /// <exception cref="IOException">The engine is lost, or the job is.</exception>
    public async Task WorkAsync(FetchQueue queue, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(queue);
        cancellationToken.ThrowIfCancellationRequested();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _disposing.Token);
        Task run;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
            run = Task.Run(() => WorkAsync(queue, stop), CancellationToken.None);
            Track(run);
        }

        await run.ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        ObjectDisposedException.ThrowIf(_disposing.IsCancellationRequested, this);
    }

    private async Task WorkAsync(FetchQueue queue, CancellationTokenSource stop)
    {
        using var share = await queue.JoinAsync(_options, stop.Token).ConfigureAwait(false);
        var session = Open(_options, share, _reader, stop.Token);
        await using (session.ConfigureAwait(false))
        {
            share.Begin(session.StartedAt);
            var end = await session.ToEndAsync().ConfigureAwait(false);
            await share.EndAsync().ConfigureAwait(false);
            if ((share.Fault ?? end.Error) is { } error)
            {
                ExceptionDispatchInfo.Throw(error);
            }
        }
    }
}
