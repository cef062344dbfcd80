using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Connections to one origin that stand open and silent beside the work, for the poller to watch: what a server full of idle clients, or
/// a client with many subscriptions, is like. The run begins when all are open.
/// </summary>
/// <param name="origin">Where they lead.</param>
/// <param name="count">How many, over all loops.</param>
internal sealed class IdleCrowd(Endpoint origin, int count)
{
    private const int OpeningAtOnce = 64;

    private readonly TaskCompletionSource _allOpen = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;
    private int _closedByPeer;

    /// <summary>How many there are to be, over all loops.</summary>
    public int Count => count;

    /// <summary>How many were opened. Fewer than <see cref="Count"/> after a run of a mode that opens none.</summary>
    public int Opened => Volatile.Read(ref _open);

    /// <summary>How many the origin has closed since.</summary>
    public int ClosedByPeer => Volatile.Read(ref _closedByPeer);

    /// <summary>Called once, on a loop's thread, when all are open and the run begins.</summary>
    public Action? OnAllOpen { get; set; }

    /// <summary>Opens a loop's share, then waits until the other loops have theirs.</summary>
    /// <param name="services">The loop's.</param>
    /// <param name="share">How many of them are this loop's.</param>
    /// <returns>Closes them.</returns>
    /// <exception cref="IOException">One could not be opened.</exception>
    public async ValueTask<IDisposable> OpenAsync(LoopServices services, int share)
    {
        var group = new Group();
        try
        {
            var toOpen = share;
            await Task.WhenAll(Enumerable.Range(0, Math.Min(share, OpeningAtOnce)).Select(async _ =>
            {
                while (toOpen-- > 0)
                {
                    group.Add(await OpenOneAsync(services).ConfigureAwait(false));
                }
            })).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            group.Dispose();
            var failure = e is FetchException
                ? new IOException($"not all of the {count} idle connections could be opened: {e.Message}", e)
                : e;
            _allOpen.TrySetException(failure);
            throw failure;
        }

        if (Interlocked.Add(ref _open, share) == count)
        {
            OnAllOpen?.Invoke();
            _allOpen.SetResult();
        }

        await services.Loop.WaitForAsync(_allOpen.Task, long.MaxValue).ConfigureAwait(false);
        await _allOpen.Task.ConfigureAwait(false);
        return group;
    }

    private async Task<Connection> OpenOneAsync(LoopServices services)
    {
        var patience = services.Loop.GetTimestamp() + Nanoseconds.From(services.Options.ConnectTimeout);
        Connection? connection = null;
        while (connection is null)
        {
            try
            {
                connection = await services.Connector.ConnectAsync(origin, long.MaxValue, new ConnectTimes()).ConfigureAwait(false);
            }
            catch (NoRoomException e)
            {
                // The ports of an earlier run's connections come free after a while (TIME_WAIT).
                var now = services.Loop.GetTimestamp();
                if (now >= patience)
                {
                    throw e.ToFailure();
                }

                await services.Loop.DelayUntilAsync(now + SocketBudget.Pause).ConfigureAwait(false);
            }
        }

        connection.Socket.OnUnexpected = () =>
        {
            Interlocked.Increment(ref _closedByPeer);
            connection.Dispose();
        };
        connection.Rest(services.Waits.Request);
        return connection;
    }

    private sealed class Group : IDisposable
    {
        private readonly List<Connection> _connections = [];

        public void Add(Connection connection) => _connections.Add(connection);

        public void Dispose() => _connections.ForEach(connection => connection.Dispose());
    }
}
