using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: what becomes of a body, its codings (RFC 9110, section 8.4.1), its limit, and the work it causes.
/// </summary>
public sealed class ModeBodyTests
{
    private static readonly string[] Codings = ["gzip", "deflate", "raw deflate", "br", "gzip, br"];
    private static readonly byte[] Text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n")));

    public static TheoryData<string> Modes => ModeRun.All;

    public static TheoryData<string, string> ModesAndCodings =>
        [.. ModeRun.All.SelectMany(mode => Codings, (mode, coding) => (mode.Data, coding))];

    private static FetchOptions Compressed => ModeRun.Options with { Compressed = true, Sha256 = true };

    [Theory]
    [MemberData(nameof(ModesAndCodings))]
    public async Task A_coded_body_is_decoded(string mode, string coding)
    {
        var coded = Encode(Text, coding);
        var name = coding.Replace("raw ", "", StringComparison.Ordinal);
        await using var server = new ScriptedServer(Answer(Ok(coded, $"Content-Encoding: {name}\r\n")));

        var outcomes = await ModeRun.FetchAsync(mode, Compressed, server.Url(), server.Url());

        outcomes.ShouldAllBe(outcome => outcome.Ok && outcome.SizeDownload == coded.Length && outcome.SizeBody == Text.Length);
        outcomes[0].Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(Text)));
        server.Requests[0].ShouldContain("Accept-Encoding: gzip, deflate, br\r\n");
        server.Connections.ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_coded_body_stays_as_it_is_when_no_decoding_was_asked_for(string mode)
    {
        var coded = Encode(Text, "gzip");
        await using var server = new ScriptedServer(Answer(Ok(coded, "Content-Encoding: gzip\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { Sha256 = true });

        outcome.Sha256.ShouldBe(Convert.ToHexStringLower(SHA256.HashData(coded)));
        server.Requests[0].ShouldNotContain("Accept-Encoding");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_coded_body_whose_end_is_missing_cannot_be_decoded(string mode) =>
        await FailsAsync(mode, Compressed, Ok(Encode(Text, "gzip")[..^100], "Content-Encoding: gzip\r\n"), FetchErrorKind.Decode, 61);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_is_not_coded_as_it_says_cannot_be_decoded(string mode) =>
        await FailsAsync(mode, Compressed, Ok(Text, "Content-Encoding: gzip\r\n"), FetchErrorKind.Decode, 61);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_coding_that_was_not_asked_for_cannot_be_decoded(string mode) =>
        await FailsAsync(mode, Compressed, Ok(Text, "Content-Encoding: zstd\r\n"), FetchErrorKind.Decode, 61);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_announces_itself_as_too_large_is_not_read(string mode) => await FailsAsync(
        mode,
        ModeRun.Options with { MaxFileSize = 5 },
        "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n"u8.ToArray(),
        FetchErrorKind.TooLarge,
        63);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_turns_out_too_large_is_broken_off(string mode) => await FailsAsync(
        mode, ModeRun.Options with { MaxFileSize = 5 }, Encoding.ASCII.GetBytes(Chunked("abc", "def")), FetchErrorKind.TooLarge, 63);

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_that_becomes_too_large_by_decoding_is_broken_off(string mode)
    {
        var bomb = Ok(Encode(new byte[1_000_000], "gzip"), "Content-Encoding: gzip\r\n");
        await FailsAsync(mode, Compressed with { MaxFileSize = 100_000 }, bomb, FetchErrorKind.TooLarge, 63);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_body_as_large_as_allowed_is_fetched(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok("hello")));

        (await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { MaxFileSize = 5 })).Ok.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_burst_of_CPU_time_belongs_to_the_transfer(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { CpuBurst = TimeSpan.FromMilliseconds(20) });

        outcome.Ok.ShouldBeTrue();
        (outcome.Total - outcome.StartTransfer).ShouldBeGreaterThanOrEqualTo(20_000_000);
    }

    private static async Task FailsAsync(string mode, FetchOptions options, byte[] response, FetchErrorKind kind, int exitCode)
    {
        await using var server = new ScriptedServer(Answer(response));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), options);

        (outcome.Error, outcome.ExitCode, outcome.Status).ShouldBe((kind, exitCode, 200), outcome.Message);
    }

    private static byte[] Encode(byte[] body, string codings)
    {
        foreach (var coding in codings.Split(", "))
        {
            var coded = new MemoryStream();
            using (Stream encoder = coding switch
            {
                "gzip" => new GZipStream(coded, CompressionMode.Compress, leaveOpen: true),
                "deflate" => new ZLibStream(coded, CompressionMode.Compress, leaveOpen: true),
                "raw deflate" => new DeflateStream(coded, CompressionMode.Compress, leaveOpen: true),
                _ => new BrotliStream(coded, CompressionMode.Compress, leaveOpen: true),
            })
            {
                encoder.Write(body);
            }

            body = coded.ToArray();
        }

        return body;
    }
}
