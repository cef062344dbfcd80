using System.Security.Cryptography;
using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop.Uring;
using Fetcher.Core.Modes;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Loop.Uring;

/// <summary>The mode on kernels of several ages. That it keeps the contract of every mode on this one is tested there.</summary>
public sealed class IoUringModeTests : IDisposable
{
    private const string Host = "a.test";

    private readonly Certificates _certificates = new();

    public static TheoryData<int, bool> LevelsWithAndWithoutTls =>
        [.. Enum.GetValues<UringLevel>().SelectMany(_ => (bool[])[false, true], (level, tls) => ((int)level, tls))];

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [MemberData(nameof(LevelsWithAndWithoutTls))]
    public async Task Bodies_arrive_whole_at_every_level(int level, bool tls)
    {
        UringTest.SkipWhereRefused();
        var body = UringTest.RandomBytes(700_000);
        await using var server = new ScriptedServer(tls ? _certificates.Issue(Host) : null, Answer(Ok(body)));
        var options = new FetchOptions
        {
            Concurrency = 8,
            Retry = 0,
            Sha256 = true,
            CaCertPath = _certificates.AuthorityPath,
            ConnectTo = [new ConnectTo("", 0, "127.0.0.1", server.Port)],
        };

        var sink = new MemorySink();
        var job = new FetchJob(options, new ListWork(new MemorySource([.. Enumerable.Repeat(server.Url(host: Host), 50)]), sink));
        var mode = ModeCatalog.Find("io-uring")!;
        var plan = mode.Plan.ShouldBeOfType<LoopPlan>() with { Poller = ModeCatalog.Uring((UringLevel)level) };
        await plan.RunAsync(mode.Name, job).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);

        sink.Outcomes.Count.ShouldBe(50);
        sink.Outcomes.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        sink.Outcomes.ShouldAllBe(outcome => outcome.Sha256 == Convert.ToHexStringLower(SHA256.HashData(body)));
        sink.Outcomes.Sum(outcome => outcome.NumConnects).ShouldBe(8);
    }
}
