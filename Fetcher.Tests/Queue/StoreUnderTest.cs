using Fetcher.Queue;
using Fetcher.Queue.Redis;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Queue;

/// <summary>A store of one kind, whose clock the test moves.</summary>
internal sealed class StoreUnderTest : IAsyncDisposable
{
    private static readonly SemaphoreSlim Gate = new(1);
    private static RedisServer? _engine;
    private static int _jobs;

    private readonly FakeTimeProvider _clock = new(DateTimeOffset.UtcNow);

    private StoreUnderTest(ILeaseStore? store) => Store = store ?? new MemoryLeaseStore(_clock);

    /// <summary>The implementations.</summary>
    public static string[] Kinds { get; } = ["memory", "redis"];

    public ILeaseStore Store { get; }

    public static async Task<StoreUnderTest> OpenAsync(string kind)
    {
        if (kind == "memory")
        {
            return new StoreUnderTest(null);
        }

        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.Missing);
        var address = RedisAddress.Parse((await EngineAsync()).Url($"test-{Interlocked.Increment(ref _jobs)}"));
        return new StoreUnderTest(await RedisQueue.OpenAsync(address, null, warning => throw new InvalidOperationException(warning)));
    }

    /// <summary>One engine for all tests that only need any.</summary>
    public static async Task<RedisServer> EngineAsync()
    {
        await Gate.WaitAsync(TestContext.Current.CancellationToken);
        try
        {
            if (_engine is null)
            {
                _engine = await RedisServer.StartAsync();
                AppDomain.CurrentDomain.ProcessExit += (_, _) => _engine.DisposeAsync().AsTask().Wait();
            }

            return _engine;
        }
        finally
        {
            Gate.Release();
        }
    }

    /// <summary>Lets so much time pass on the store's clock.</summary>
    public void Advance(TimeSpan time)
    {
        _clock.Advance(time);
        if (Store is RedisLeaseStore redis)
        {
            redis.ClockOffset += (long)time.TotalMilliseconds;
        }
    }

    public ValueTask DisposeAsync() => Store.DisposeAsync();
}
