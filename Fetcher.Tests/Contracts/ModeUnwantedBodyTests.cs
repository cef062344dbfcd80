using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: what goes wrong with a body that nobody wants costs its connection, and neither time nor an attempt.</summary>
public sealed class ModeUnwantedBodyTests
{
    /// <summary>The ways in which a body can be broken, each behind a status line and the fields of a response.</summary>
    private static readonly Dictionary<string, Func<string, Func<ScriptedConnection, Task>>> Faults = new()
    {
        ["cut short"] = head => AnswerAndClose($"{head}Content-Length: 100\r\n\r\nhello world"),
        ["stalls"] = head => FallSilent($"{head}Content-Length: 100\r\n\r\nhello world"),
        ["has no length, on a connection that stays open"] = head => FallSilent($"{head}\r\nhello world"),
        ["stalls between chunks"] = head => FallSilent($"{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        ["ends without its last chunk"] = head => AnswerAndClose($"{head}Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"),
        ["has a bad chunk"] = head => FallSilent($"{head}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n"),
        ["is broken off by a reset"] = head => async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync($"{head}Content-Length: 100\r\n\r\nhello world");
            await connection.UntilDeliveredAsync();
            connection.Reset();
        },
    };

    /// <summary>Nothing that is silent may be waited for so long.</summary>
    private static readonly FetchOptions Patient = ModeRun.Options with { ReadTimeout = TimeSpan.FromHours(1), Sha256 = true };

    public static MatrixTheoryData<string, string> FaultsInModes => new([.. ModeRun.All.Select(row => row.Data)], Faults.Keys);

    [Theory]
    [MemberData(nameof(FaultsInModes))]
    public async Task A_redirect_is_followed_at_once(string mode, string fault)
    {
        await using var server = new ScriptedServer(Faults[fault]("HTTP/1.1 302 Found\r\nLocation: /there\r\n"), Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Patient with { Retry = 2 });

        (outcome.Message, outcome.Status, outcome.Attempts, outcome.NumRedirects, outcome.NumConnects, outcome.SizeBody).ShouldBe((null, 200, 1, 1, 2, 5));
        server.Requests.Select(request => request.Split(' ')[1]).ShouldBe(["/", "/there"]);
    }

    [Theory]
    [MemberData(nameof(FaultsInModes))]
    public async Task A_busy_server_is_asked_again_without_a_wait_for_its_body(string mode, string fault)
    {
        await using var server = new ScriptedServer(Faults[fault]("HTTP/1.1 503 Busy\r\nRetry-After: 0\r\n"), Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Patient with { Retry = 1, RetryDelay = TimeSpan.Zero });

        (outcome.Message, outcome.Status, outcome.Attempts, outcome.NumConnects, outcome.SizeBody).ShouldBe((null, 200, 2, 2, 5));
    }

    [Fact]
    public async Task A_refusal_is_told_by_its_status_and_not_by_its_body()
    {
        // What the server says of a page that is not there may be wanted by whoever reads it, so that it is waited for as any other body. That takes its
        // time, which on a busy machine has to be enough for the header section: all modes and faults at once.
        var options = Patient with { ReadTimeout = TimeSpan.FromSeconds(4), Retry = 2, RetryDelay = TimeSpan.Zero };
        var modes = ModeCatalog.All.Where(mode => mode.WhyNot(options) is null);

        var outcomes = await Task.WhenAll(modes.SelectMany(mode => Faults.Values.Select(async fault =>
        {
            await using var server = new ScriptedServer(fault("HTTP/1.1 404 Not Found\r\n"), Answer(Ok()));
            return await ModeRun.FetchOneAsync(mode.Name, server.Url(), options);
        })));

        outcomes.ShouldAllBe(outcome => outcome.Error == FetchErrorKind.HttpStatus && outcome.ExitCode == 22 && outcome.Status == 404 && outcome.Attempts == 1);
    }

    [Theory]
    [MemberData(nameof(FaultsInModes))]
    public async Task The_connection_of_a_broken_body_serves_nobody_else(string mode, string fault)
    {
        await using var server = new ScriptedServer(Faults[fault]("HTTP/1.1 302 Found\r\nLocation: /there\r\n"), Answer(Ok("from the second")));

        var outcomes = await ModeRun.FetchAsync(mode, Patient, server.Url(), server.Url("/b"), server.Url("/c"));

        outcomes.Select(outcome => (outcome.Message, outcome.SizeBody, outcome.NumConnects)).ShouldBe([(null, 15, 2), (null, 15, 0), (null, 15, 0)]);
    }
}
