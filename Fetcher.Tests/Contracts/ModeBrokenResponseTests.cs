using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a response that is cut short, malformed or too long is a failure of its kind, and is not retried where it would come again.</summary>
public sealed class ModeBrokenResponseTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_header_section_over_the_limit_is_refused(string mode) =>
        await FailsAsync(mode, $"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: {new string('x', 131_072)}\r\n\r\nhello", FetchErrorKind.Protocol, 8);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_trailer_with_a_NUL_is_refused(string mode) =>
        await FailsAsync(mode, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nA: b\0c\r\n\r\n", FetchErrorKind.Protocol, null);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_ends_before_its_length_is_incomplete(string mode) =>
        await FailsAsync(mode, "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello", FetchErrorKind.Receive, 18);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_large_body_that_ends_before_its_length_is_incomplete(string mode) =>
        await FailsAsync(mode, $"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n{new string('x', 500_000)}", FetchErrorKind.Receive, 18);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_ends_between_its_chunks_is_incomplete(string mode) =>
        await FailsAsync(mode, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", FetchErrorKind.Receive, 18);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_ends_within_a_chunk_is_incomplete(string mode) =>
        await FailsAsync(mode, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\na\r\nhello", FetchErrorKind.Receive, 18);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_chunk_size_that_is_no_number_is_refused(string mode) =>
        await FailsAsync(mode, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nhello\r\n", FetchErrorKind.Protocol, 56);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_closes_without_an_answer_is_told_so(string mode) =>
        await FailsAsync(mode, "", FetchErrorKind.Receive, 52);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_closes_within_the_header_section_is_told_so(string mode) =>
        await FailsAsync(mode, "HTTP/1.1 200 OK\r\nContent-Le", FetchErrorKind.Receive, 56);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_is_not_HTTP_is_refused(string mode) =>
        await FailsAsync(mode, "SSH-2.0-OpenSSH_9.6\r\n\r\n", FetchErrorKind.Protocol, 8);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_connection_that_is_reset_within_the_body_is_told_so(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n");
            connection.Reset();
        });

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Receive, 56), outcome.Message);
    }

    private static async Task FailsAsync(string mode, string response, FetchErrorKind kind, int? exitCode)
    {
        await using var server = new ScriptedServer(AnswerAndClose(response));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url());

        (outcome.Error, outcome.ExitCode).ShouldBe((kind, exitCode ?? outcome.ExitCode), outcome.Message);
        outcome.Attempts.ShouldBe(1);
    }
}
