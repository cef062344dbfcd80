using System.IO.Compression;
using System.Text.Json;
using Fetcher.Tests.Testing;
using ZstdSharp;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>Bodies that become huge by decoding: they end at <c>--max-filesize</c>, and the memory for it does not grow with them.</summary>
public sealed class BombTests
{
    private const int MemberSize = 1 << 20;

    [Theory]
    [InlineData("async", "gzip")]
    [InlineData("async", "gzip, gzip")]
    [InlineData("async", "br")]
    [InlineData("async", "zstd")]
    [InlineData("httpclient", "gzip")]
    public async Task A_decompression_bomb_ends_at_the_max_filesize_in_flat_memory(string mode, string coding)
    {
        await using var server = new ScriptedServer(Answer(Ok(Bomb(coding, megabytes: 300), $"Content-Encoding: {coding}\r\n")));
        await using var plain = new ScriptedServer(Answer(Ok()));

        var small = await RunAsync(mode, plain.Url());
        var huge = await RunAsync(mode, server.Url());

        huge.Result.GetProperty("error").GetProperty("kind").GetString().ShouldBe("too_large");
        huge.Result.GetProperty("exitcode").GetInt32().ShouldBe(63);
        huge.Result.GetProperty("size_body").GetInt64().ShouldBeInRange(200 << 20, 201 << 20);
        huge.MaxRss.ShouldBeLessThan(small.MaxRss * 2);
    }

    /// <summary>Zeros, as many members as megabytes where the coding has members.</summary>
    private static byte[] Bomb(string coding, int megabytes)
    {
        if (coding == "br")
        {
            return Encode(new byte[megabytes << 20], stream => new BrotliStream(stream, CompressionLevel.Fastest));
        }

        if (coding == "zstd")
        {
            return Encode(new byte[megabytes << 20], stream => new CompressionStream(stream));
        }

        var member = Encode(new byte[MemberSize], stream => new GZipStream(stream, CompressionLevel.Fastest));
        byte[] bomb = [.. Enumerable.Repeat(member, megabytes).SelectMany(one => one)];
        return coding == "gzip" ? bomb : Encode(bomb, stream => new GZipStream(stream, CompressionLevel.Fastest));
    }

    private static byte[] Encode(byte[] data, Func<Stream, Stream> open)
    {
        var coded = new MemoryStream();
        using (var encoder = open(coded))
        {
            encoder.Write(data);
        }

        return coded.ToArray();
    }

    private static async Task<(JsonElement Result, long MaxRss)> RunAsync(string mode, string url)
    {
        var ran = await FetcherProcess.RunAsync(url, "--mode", mode, "--compressed", "--max-filesize", "200M", "--format", "json");
        var json = JsonDocument.Parse(ran.Output).RootElement;
        return (json.GetProperty("results")[0], json.GetProperty("summary").GetProperty("max_rss").GetInt64());
    }
}
