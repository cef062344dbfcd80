using System.Reflection;
using Fetcher.Core;
using Fetcher.Tests.Http;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: the tables of faulty header sections and chunked bodies, each row served over a socket. Also by the mode that
/// has a parser of its own, which takes a few things that ours does not: they are named here.
/// </summary>
public sealed class ModeRefusalTests
{
    /// <summary>What .NET's client lets pass in a header section: blanks before a colon.</summary>
    private static readonly string[] TakenByDotNet = ["HTTP/1.1 200 OK|A : b||"];

    /// <summary>And in a chunked body: LF for CR LF, anything in an extension, blanks and folds in a trailer.</summary>
    private static readonly string[] ChunksTakenByDotNet =
    [
        "5 \nhello|0||", "5\nhello|0||", "5;a\nhello|0||", "5;a\rb|hello|0||", "5;a\0|hello|0||", "5|hello\n0||", "5|hell|0||", "0\n\n", "0|\n",
        "0|A: b\n|", "0|A: b|\n", "0|A : b||", "0|A: b| folded||",
    ];

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task No_faulty_head_of_the_table_is_fetched(string mode)
    {
        var rows = Rows(typeof(ResponseParserRefusalTests), nameof(ResponseParserRefusalTests.A_faulty_head_is_refused));
        var outcomes = await ServeAsync(mode, rows);

        ShouldBeTaken(rows, outcomes, mode == "httpclient" ? TakenByDotNet : []);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task No_faulty_chunked_body_of_the_table_is_fetched(string mode)
    {
        var rows = Rows(typeof(ChunkedDecoderTests), nameof(ChunkedDecoderTests.A_faulty_body_is_refused));
        var outcomes = await ServeAsync(mode, [.. rows.Select(row => "HTTP/1.1 200 OK|Transfer-Encoding: chunked||" + row)]);

        ShouldBeTaken(rows, outcomes, mode == "httpclient" ? ChunksTakenByDotNet : []);
    }

    /// <summary>Exactly these rows are fetched; every other one is a failure that says what was wrong.</summary>
    private static void ShouldBeTaken(string[] rows, IReadOnlyList<Outcome> outcomes, string[] expected)
    {
        rows.Zip(outcomes).Where(pair => pair.Second.Ok).Select(pair => pair.First).ShouldBe(expected, ignoreOrder: true);
        outcomes.Count.ShouldBe(rows.Length);
        foreach (var failed in outcomes.Where(outcome => !outcome.Ok))
        {
            failed.Error.ShouldBeOneOf(FetchErrorKind.Protocol, FetchErrorKind.Receive);
            failed.Message.ShouldNotBeNullOrEmpty();
        }
    }

    private static string[] Rows(Type tests, string method) =>
        [.. tests.GetMethod(method)!.GetCustomAttributes<InlineDataAttribute>().Select(row => (string)row.Data[0]!)];

    private static async Task<IReadOnlyList<Outcome>> ServeAsync(string mode, string[] responses)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            if (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(HeadJudge.Bytes(responses[int.Parse(request.Split(' ')[1][1..], null)]));
            }
        });
        return await ModeRun.FetchAsync(mode, ModeRun.Options, [.. Enumerable.Range(0, responses.Length).Select(i => server.Url($"/{i}"))]);
    }
}
