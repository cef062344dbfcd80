using System.Runtime.ExceptionServices;
using Fetcher.Core;

namespace Fetcher.Queue.Redis;

/// <summary>A job on Redis 7.0 or newer, or Valkey. How URLs are fetched is up to each worker's <see cref="FetchOptions"/>.</summary>
public sealed class RedisFetchQueue : FetchQueue
{
    private readonly RedisAddress _address;
    private readonly RedisLeaseStore _store;
    private readonly RedisFetchQueueOptions _options;

    private RedisFetchQueue(RedisAddress address, RedisLeaseStore store, RedisFetchQueueOptions options) =>
        (_address, _store, _options) = (address, store, options);

    /// <summary>Connects to the engine.</summary>
    /// <param name="url">Engine and job: <c>redis[s]://[[USER][:PASSWORD]@]HOST[:PORT]/JOB[?db=N]</c>.</param>
    /// <param name="options">More about it; null for the defaults.</param>
    /// <exception cref="ArgumentException">The URL is none of a job, or an option has a value that means nothing. The message has no secret in it.</exception>
    /// <exception cref="FetchSetupException">The engine cannot be reached within 4 s, is too old, or may drop the job.</exception>
    public static async Task<RedisFetchQueue> OpenAsync(string url, RedisFetchQueueOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(url);
        options ??= new RedisFetchQueueOptions();
        Check(options.Timeout > TimeSpan.Zero, $"{nameof(options.Timeout)}: {options.Timeout} is not more than 0");
        Check(options.Lease >= Leases.Least, $"{nameof(options.Lease)}: {options.Lease} is less than 1 s");
        Check(options.MaxUnread > 0, $"{nameof(options.MaxUnread)}: {options.MaxUnread} is less than 1");
        RedisAddress address;
        try
        {
            address = RedisAddress.Parse(url);
        }
        catch (FormatException e)
        {
            throw new ArgumentException($"{nameof(url)}: {e.Message}", e);
        }

        var store = await RedisQueue.OpenAsync(address, options.CaCertPath, warning => options.OnWarning?.Invoke(warning)).ConfigureAwait(false);
        return new RedisFetchQueue(address, store, options);
    }

    /// <summary>Drops the job with all that belongs to it.</summary>
    /// <returns>Whether there was one.</returns>
    /// <exception cref="IOException">The engine cannot be reached.</exception>
    public Task<bool> PurgeAsync() => _store.PurgeAsync();

    /// <inheritdoc/>
    public override ValueTask DisposeAsync() => _store.DisposeAsync();

    /// <summary>Engine and job, without user and password.</summary>
    public override string ToString() => _address.ToString();

    internal override async Task CollectAsync(IUrlSource list, IResultSink sink, CancellationToken stop)
    {
        var patience = new Patience(_options.Timeout, TimeProvider.System, Warn);
        var wanted = new JobFacts { Version = ThisAssembly.Version, ByUrl = _options.ByUrl, MostUnread = _options.MaxUnread };
        var facts = JobSearch.Check(await patience.AskAsync(() => _store.CreateAsync(wanted), stop).ConfigureAwait(false), _address);
        if (facts.ByUrl != wanted.ByUrl || facts.Options.Count > 0)
        {
            throw new FetchSetupException($"there is a job {_address} with other options: drop it, or name another");
        }

        var problem = await Together.RunAsync(
            stop,
            end => new Collector(_store, patience, sink).RunAsync(null, [], end),
            end => new Enqueuer(_store, facts, patience).RunAsync(list, end)).ConfigureAwait(false);
        if (problem is not null)
        {
            ExceptionDispatchInfo.Throw(problem);
        }
    }

    internal override async Task<IQueueShare> JoinAsync(FetchOptions options, CancellationToken stop)
    {
        var facts = await JobSearch.WaitAsync(_store, _address, _options.Timeout, Warn, stop).ConfigureAwait(false);
        if (facts.Options.Count > 0)
        {
            throw new FetchSetupException(
                $"the job {_address} has options of the command line ({string.Join(' ', facts.Options)}), which only fetcher worker can read");
        }

        if (facts.ByUrl && (options.PerHost > 0 || options.StartIntervalPerHost > TimeSpan.Zero || options.Adaptive || options.Robots))
        {
            throw new FetchSetupException($"the job {_address} is shared out by URL, so that no limit for each host can hold");
        }

        return new QueueWork(_store, QueueWorkOptions.Of(_options.Worker ?? WorkerFacts.UsualName, facts, options) with
        {
            Lease = _options.Lease,
            Timeout = _options.Timeout,
            Warn = Warn,
        });
    }

    private static void Check(bool isRight, string problem)
    {
        if (!isRight)
        {
            throw new ArgumentException(problem);
        }
    }

    private void Warn(string warning) => _options.OnWarning?.Invoke(warning);
}
