using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a server that answers before it has read the whole of a large request, and reads no more, has answered.</summary>
public sealed class ModeEarlyAnswerTests : IDisposable
{
    private const int Fields = 64, FieldLength = 80_000;

    private const string Host = "a.test", TooLarge = "431 Request Header Fields Too Large";

    /// <summary>More than a socket takes at once.</summary>
    private static readonly FetchOptions Large = ModeRun.Options with
    {
        Headers = [.. Enumerable.Range(0, Fields).Select(i => new RequestHeader($"x-{i}", new string('y', FieldLength)))],
    };

    private readonly Certificates _certificates = new();

    /// <summary>What the server does after its answer, in every mode. One that reads no more and holds the connection is told from a slow one by time alone where sends block.</summary>
    public static TheoryData<string, string> Cases =>
        [.. from mode in ModeCatalog.All.Select(mode => mode.Name)
            from end in (string[])["closes", "resets", "waits"]
            where end != "waits" || mode is not ("sequential" or "threads")
            select (mode, end)];

    public void Dispose() => _certificates.Dispose();

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task An_answer_to_the_beginning_of_a_request_is_the_answer_and_the_connection_serves_no_other(string mode, string end)
    {
        await using var server = new ScriptedServer(connection => RefuseAsync(connection, end));

        var outcomes = await ModeRun.FetchAsync(mode, Large, server.Url("/1"), server.Url("/2"));

        outcomes.ShouldAllBe(outcome => outcome.Status == 431 && outcome.Error == FetchErrorKind.HttpStatus && outcome.ExitCode == 22);
        server.Connections.ShouldBe(2);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task So_it_is_over_TLS(string mode, string end)
    {
        await using var server = new ScriptedServer(_certificates.Issue(Host), connection => RefuseAsync(connection, end));
        var options = Large with
        {
            CaCertPath = _certificates.AuthorityPath,
            Resolve = [new ResolveEntry(Host, server.Port, [System.Net.IPAddress.Loopback])],
        };

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url("/1", Host), options);

        outcome.Status.ShouldBe(431, outcome.Message);
    }

    [Theory]
    [MemberData(nameof(ModeRun.All), MemberType = typeof(ModeRun))]
    public async Task A_large_request_that_is_read_slowly_is_sent_whole(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            for (var request = 0; request < 2; request++)
            {
                var left = Fields * FieldLength;
                while (left > 0)
                {
                    left -= (await connection.ReadBytesAsync(Math.Min(left, 400_000))).Length;
                }

                await connection.ReadRequestAsync();
                await connection.SendAsync(Ok());
            }
        });

        var outcomes = await ModeRun.FetchAsync(mode, Large, server.Url("/1"), server.Url("/2"));

        outcomes.Select(outcome => outcome.Message).ShouldBe([null, null]);
        server.Connections.ShouldBe(1);
    }

    private static async Task RefuseAsync(ScriptedConnection connection, string end)
    {
        await connection.ReadBytesAsync(1000);
        await connection.SendAsync(Response(TooLarge));
        await connection.UntilDeliveredAsync();
        switch (end)
        {
            case "closes":
                connection.Dispose();
                break;
            case "resets":
                connection.Reset();
                break;
            default:
                await connection.UntilClosedAsync();
                break;
        }
    }
}
