using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using ZstdSharp;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// The contract of every mode: what becomes of a body, its codings (RFC 9110, section 8.4.1), its limit, and the work it causes.
/// </summary>
public sealed class ModeBodyTests
{
    private static readonly string[] Codings = ["gzip", "deflate", "raw deflate", "br", "zstd", "gzip, br", "zstd, gzip"];
    private static readonly byte[] Text = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Range(0, 20_000).Select(i => $"line {i}\n")));

    public static TheoryData<string> Modes => ModeRun.All;

    public static TheoryData<string, string> ModesAndCodings =>
        [.. ModeRun.All.SelectMany(mode => Codings, (mode, coding) => (mode.Data, coding))];

    public static TheoryData<string, string, byte[], string> ModesAndBrokenBodies =>
        [.. ModeRun.All.SelectMany(mode => BrokenBodies(), (mode, broken) => (mode.Data, broken.Codings, broken.Body, broken.Because))];

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
        server.Requests[0].ShouldContain("Accept-Encoding: gzip, deflate, br, zstd\r\n");
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
    public async Task A_coding_that_is_none_leaves_the_body_as_it_is(string mode)
    {
        var coded = Encode(Text, "gzip");
        string[] names = ["none", "None", "identity", "IDENTITY", "none, identity", ""];
        await using var server = new ScriptedServer(Answer(
            [.. names.Select(name => Ok(Text, $"Content-Encoding: {name}\r\n")), Ok(coded, "Content-Encoding: gzip, none\r\n")]));

        var outcomes = await ModeRun.FetchAsync(mode, Compressed, [.. Enumerable.Repeat(server.Url(), names.Length + 1)]);

        outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.SizeBody == Text.Length);
    }

    [Theory]
    [MemberData(nameof(ModesAndBrokenBodies))]
    public async Task A_body_that_is_not_coded_as_it_says_cannot_be_decoded(string mode, string codings, byte[] body, string because)
    {
        await using var server = new ScriptedServer(Answer(Ok(body, $"Content-Encoding: {codings}\r\n")));
        var options = Compressed with { Retry = 2, RetryDelay = TimeSpan.Zero };

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), options);

        (outcome.Error, outcome.ExitCode, outcome.Attempts).ShouldBe((FetchErrorKind.Decode, 61, 1), outcome.Message);
        outcome.Message.ShouldBe($"the body could not be decoded: its {because}");
    }

    [Theory]
    [MemberData(nameof(ModesAndCodings))]
    public async Task A_coded_body_that_breaks_off_is_no_fault_of_its_coding(string mode, string coding)
    {
        var coded = Encode(Text, coding);
        var whole = Ok(coded, $"Content-Encoding: {coding.Replace("raw ", "", StringComparison.Ordinal)}\r\n");
        await using var server = new ScriptedServer(AnswerAndClose(Encoding.Latin1.GetString(whole[..^(coded.Length / 2)])));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Compressed);

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Receive, 18), outcome.Message);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_coding_that_was_not_asked_for_cannot_be_decoded(string mode) =>
        await FailsAsync(mode, Compressed, Ok(Text, "Content-Encoding: compress\r\n"), FetchErrorKind.Decode, 61);

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

    /// <summary>All the ways in which a decoder can fail, by the decoder's own kinds of exceptions.</summary>
    private static IEnumerable<(string Codings, byte[] Body, string Because)> BrokenBodies()
    {
        foreach (var coding in (string[])["gzip", "deflate", "br", "zstd"])
        {
            var coded = Encode(Text, coding);
            yield return (coding, "hello body\n"u8.ToArray(), $"{coding} coding is broken");
            yield return (coding, coded[..^100], $"{coding} coding ends too early");
            yield return (coding, coded[..1], $"{coding} coding ends too early");
        }

        // A block of a type that there is not (RFC 1951, section 3.2.3), behind a good header; and a wrong checksum.
        var gzip = Encode(Text, "gzip");
        yield return ("gzip", [.. gzip[..10], 0xFF, .. gzip[10..]], "gzip coding is broken");
        yield return ("deflate", [.. Encode(Text, "deflate")[..2], 0xFF, .. gzip[10..]], "deflate coding is broken");
        gzip[^6] ^= 1;
        yield return ("gzip", gzip, "gzip coding is broken");

        // A zlib header that asks for a dictionary which nobody has (RFC 1950, section 2.2).
        yield return ("deflate", [0x78, 0xBB, 1, 2, 3, 4, 5, 6, 7, 8], "deflate coding is broken");
        yield return ("deflate", Encode(Text, "raw deflate")[..^100], "deflate coding ends too early");

        // The inner coding, and the outer.
        yield return ("gzip, br", Encode("hello body\n"u8.ToArray(), "br"), "gzip coding is broken");
        yield return ("br, gzip", "hello body\n"u8.ToArray(), "gzip coding is broken");
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
                "zstd" => new CompressionStream(coded),
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
