using Fetcher.Core.Loop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Fetch;

/// <summary>
/// Connections to one origin that stand open and silent beside the work, for the poller to watch: what a server full of idle clients, or
/// a client with many subscriptions, is like. The run begins when all are open, and they are closed only when all of it has ended, so that neither
/// counts as work.
/// </summary>
/// <param name="origin">Where they lead.</param>
/// <param name="count">How many, over all loops.</param>
internal sealed class IdleCrowd(Endpoint origin, int count)
{
    private const int OpeningAtOnce = 64;

    private readonly Meeting _opened = new();
    private readonly Meeting _ended = new();
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

    /// <summary>Called once, on a loop's thread, when the work of all loops has ended and all are still open.</summary>
    public Action? OnWorkEnded { get; set; }

    /// <summary>Opens a loop's share, does its work when the other loops have theirs, and closes it when they have done theirs.</summary>
    /// <param name="services">The loop's.</param>
    /// <param name="share">How many of them are this loop's.</param>
    /// <param name="loops">How many loops there are.</param>
    /// <param name="work">The loop's work.</param>
    /// <exception cref="IOException">One could not be opened.</exception>
    public async Task RunAsync(LoopServices services, int share, int loops, Func<Task> work)
    {
        using var group = new Group();
        await OpenAsync(services, group, share).ConfigureAwait(false);
        await _opened.JoinAsync(services.Loop, loops, OnAllOpen).ConfigureAwait(false);
        await work().ConfigureAwait(false);
        await _ended.JoinAsync(services.Loop, loops, OnWorkEnded).ConfigureAwait(false);
    }

    private async Task OpenAsync(LoopServices services, Group group, int share)
    {
        try
        {
            var toOpen = share;
            await Task.WhenAll(Enumerable.Range(0, Math.Min(share, OpeningAtOnce)).Select(async _ =>
            {
                while (toOpen-- > 0)
                {
                    group.Add(await OpenOneAsync(services).ConfigureAwait(false));
                    Interlocked.Increment(ref _open);
                }
            })).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            var failure = e is FetchException
                ? new IOException($"not all of the {count} idle connections could be opened: {e.Message}", e)
                : e;
            _opened.Fail(failure);
            throw failure;
        }
    }

    private async Task<Connection> OpenOneAsync(LoopServices services)
    {
        var patience = services.Loop.GetTimestamp() + Nanoseconds.From(services.Options.ConnectTimeout);
        Connection? connection = null;
        while (connection is null)
        {
            try
            {
                connection = await services.Http1.Connector.ConnectAsync(origin, long.MaxValue, new ConnectTimes()).ConfigureAwait(false);
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
        connection.Rest(services.Http1.Waits.Request);
        return connection;
    }

    private sealed class Group : IDisposable
    {
        private readonly List<Connection> _connections = [];

        public void Add(Connection connection) => _connections.Add(connection);

        public void Dispose() => _connections.ForEach(connection => connection.Dispose());
    }

    /// <summary>Where loops wait for each other.</summary>
    private sealed class Meeting
    {
        private readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int _here;

        /// <summary>Waits until all are here; the last one to come calls <paramref name="whenAll"/> first.</summary>
        public async ValueTask JoinAsync(EventLoop loop, int loops, Action? whenAll)
        {
            if (Interlocked.Increment(ref _here) == loops)
            {
                whenAll?.Invoke();
                _all.TrySetResult();
            }

            await loop.WaitForAsync(_all.Task, long.MaxValue).ConfigureAwait(false);
            await _all.Task.ConfigureAwait(false);
        }

        /// <summary>One will not come: the others need not wait.</summary>
        public void Fail(Exception reason) => _all.TrySetException(reason);
    }
}
