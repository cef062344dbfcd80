using System.IO.Compression;
using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using ZstdSharp;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: a few bytes that decode to a body without end hold up nobody, and nothing that is to end them.</summary>
public sealed class ModeBombTests
{
    private const int MiB = 1 << 20;

    /// <summary>To decode it takes far longer than anything that is waited for here.</summary>
    private const int Megabytes = 20_000;

    private static readonly FetchOptions Options = ModeRun.Options with { Compressed = true, Concurrency = 64, MaxFileSize = long.MaxValue };

    private static readonly Lazy<byte[]> Huge = new(() => Bomb("gzip, gzip", Megabytes));

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [InlineData("busy-wait")]
    [InlineData("select")]
    [InlineData("poll")]
    [InlineData("blocking-read")]
    [InlineData("async")]
    [InlineData("io-uring")]
    [InlineData("httpclient")]
    public async Task Others_go_on_meanwhile(string mode)
    {
        const int plains = 50;
        using var stop = new CancellationTokenSource();
        await using var bombs = new ScriptedServer(Answer(Ok(Huge.Value, "Content-Encoding: gzip, gzip\r\n")));
        await using var plain = new ScriptedServer(Answer(Ok()));
        string[] urls = [.. Enumerable.Repeat(bombs.Url("/bomb"), 8), .. Enumerable.Repeat(plain.Url("/plain"), plains)];
        var count = 0;
        var sink = new MemorySink { OnResult = () => _ = Interlocked.Increment(ref count) == plains ? stop.CancelAsync() : null };

        await ModeRun.RunAsync(mode, Options, new MemorySource(urls), sink, stop.Token);

        sink.Outcomes.Take(plains).ShouldAllBe(outcome => outcome.Ok && outcome.Url.EndsWith("/plain", StringComparison.Ordinal));
        sink.Outcomes.Skip(plains).ShouldAllBe(outcome => outcome.Error == FetchErrorKind.Cancelled);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_time_for_the_whole_URL_ends_it(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(Huge.Value, "Content-Encoding: gzip, gzip\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Options with { MaxTime = TimeSpan.FromMilliseconds(50) });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.Timeout, 28), outcome.Message);
        outcome.SizeBody.ShouldBeLessThan((long)Megabytes * MiB);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_end_of_the_run_ends_it(string mode)
    {
        using var stop = new CancellationTokenSource();
        await using var server = new ScriptedServer(async connection =>
        {
            await Answer(Ok(Huge.Value, "Content-Encoding: gzip, gzip\r\n"))(connection);
        });
        var sink = new MemorySink();

        var run = ModeRun.RunAsync(mode, Options, new ListWork(new MemorySource([server.Url()]), sink), stop.Token);
        await ModeRun.UntilAsync(() => server.Requests.Count > 0 || run.IsCompleted);
        await stop.CancelAsync();
        await run;

        var outcome = sink.Outcomes.ShouldHaveSingleItem();
        outcome.Error.ShouldBe(FetchErrorKind.Cancelled, outcome.Message);
        outcome.SizeBody.ShouldBeLessThan((long)Megabytes * MiB);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task The_longest_body_ends_it(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(Huge.Value, "Content-Encoding: gzip, gzip\r\n")));

        var outcome = await ModeRun.FetchOneAsync(mode, server.Url(), Options with { MaxFileSize = MiB });

        (outcome.Error, outcome.ExitCode).ShouldBe((FetchErrorKind.TooLarge, 63), outcome.Message);
        outcome.SizeBody.ShouldBeLessThan(2 * MiB);
    }

    [Theory]
    [InlineData("gzip", 1)]
    [InlineData("deflate", 1)]
    [InlineData("br", 1)]
    [InlineData("zstd", 1)]
    [InlineData("gzip, gzip", 1)]
    [InlineData("gzip, br", 1)]
    [InlineData("zstd, zstd", 1)]
    public async Task Decoding_gives_way_again_and_again(string codings, int megabytes)
    {
        var turns = 0;
        var names = codings.Split(", ").Select(name => name switch
        {
            "gzip" => ContentCoding.Gzip,
            "deflate" => ContentCoding.Deflate,
            "zstd" => ContentCoding.Zstandard,
            _ => ContentCoding.Brotli,
        }).ToArray();
        var decoded = ContentDecoding.Decode(new MemoryStream(Bomb(codings, megabytes)), names, () =>
        {
            turns++;
            return default;
        });

        var buffer = new byte[64 * 1024];
        var (length, atOnce, seen) = (0, 0, 0);
        for (int read; (read = await decoded.ReadAsync(buffer, TestContext.Current.CancellationToken)) > 0; length += read)
        {
            (atOnce, seen) = turns == seen ? (atOnce + read, seen) : (read, turns);
            atOnce.ShouldBeLessThanOrEqualTo(DecodedBodyStream.BytesInTurn + buffer.Length);
        }

        length.ShouldBe(megabytes * MiB);
        turns.ShouldBeGreaterThanOrEqualTo(3);
    }

    /// <summary>Zeros. The last coding is the outermost.</summary>
    private static byte[] Bomb(string codings, int megabytes)
    {
        var names = codings.Split(", ");
        var bomb = names[0] == "gzip" ? Repeat(Encode(names[0], new byte[MiB]), megabytes) : Encode(names[0], new byte[megabytes * MiB]);
        return names.Skip(1).Aggregate(bomb, (inner, name) => Encode(name, inner));
    }

    private static byte[] Repeat(byte[] member, int count)
    {
        var all = new byte[member.Length * count];
        for (var i = 0; i < count; i++)
        {
            member.CopyTo(all, i * member.Length);
        }

        return all;
    }

    private static byte[] Encode(string coding, byte[] data)
    {
        var coded = new MemoryStream();
        using (Stream encoder = coding switch
        {
            "gzip" => new GZipStream(coded, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(coded, CompressionLevel.Fastest),
            "zstd" => new CompressionStream(coded),
            _ => new BrotliStream(coded, CompressionLevel.Fastest),
        })
        {
            encoder.Write(data);
        }

        return coded.ToArray();
    }
}
