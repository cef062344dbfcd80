using System.Net;
using Fetcher.Core;
using Fetcher.Core.Runs;
using Fetcher.Core.Work;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a host that said so is asked over https alone, from the next request on and in the next run.</summary>
public sealed class ModeHstsTests : IDisposable
{
    private const string Host = "a.test";

    private readonly Certificates _certificates = new();
    private readonly TempFolder _folder = new();

    public static TheoryData<string> Modes => ModeRun.All;

    public void Dispose()
    {
        _certificates.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_host_is_asked_over_https_once_it_said_so(string mode)
    {
        var port = 0;
        await using var server = new ScriptedServer(_certificates.Issue(Host), AnswerByPath(path => path == "/back"
            ? Response("302 Found", fields: $"Location: http://{Host}:{port}/end\r\n")
            : Ok(fields: "Strict-Transport-Security: max-age=100\r\n")));
        port = server.Port;
        var options = ModeRun.Options with
        {
            Mode = mode,
            HstsPath = _folder["hsts"],
            CaCertPath = _certificates.AuthorityPath,
            Resolve = [new ResolveEntry(Host, server.Port, [IPAddress.Loopback])],
        };
        var plain = $"http://{Host}:{server.Port}";

        var first = await RunAsync(options, server.Url("/", Host), plain + "/next", server.Url("/back", Host));
        var second = await RunAsync(options, plain + "/again");

        first.Select(outcome => outcome.Message).ShouldAllBe(message => message == null);
        first.Select(outcome => outcome.FinalUrl).ShouldBe([server.Url("/", Host), server.Url("/next", Host), server.Url("/end", Host)]);
        first[1].Url.ShouldBe(plain + "/next");
        second.ShouldHaveSingleItem().FinalUrl.ShouldBe(server.Url("/again", Host));
        (await File.ReadAllTextAsync(_folder["hsts"], TestContext.Current.CancellationToken)).ShouldContain($"\n{Host} \"");
    }

    private static async Task<IReadOnlyList<Outcome>> RunAsync(FetchOptions options, params string[] urls)
    {
        var sink = new MemorySink();
        await using var session = FetchSession.Open(new RunPlan(options), () => new ListWork(new MemorySource(urls), sink));
        (await session.ToEndAsync().WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken)).Error.ShouldBeNull();
        return [.. sink.Outcomes.OrderBy(outcome => outcome.Index)];
    }
}
