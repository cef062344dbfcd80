using System.IO.Compression;
using System.Text;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using ZstdSharp;

namespace Fetcher.Tests.EndToEnd;

/// <summary>What is saved is, byte for byte, what curl saves.</summary>
public sealed class CurlAgreementTests
{
    private const int Count = 500;

    private static readonly string[] Codings = ["identity", "gzip", "x-gzip", "deflate", "br", "zstd"];
    private static readonly string[] Framings = ["length", "chunked", "close", "http10", "http10-length"];

    [Fact]
    public async Task Bodies_of_all_codings_and_framings_are_saved_as_curl_saves_them()
    {
        await Shell.NeedsAsync("curl --version | grep -q brotli.*zstd", "there is no curl that knows br and zstd");
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(ServeAsync);
        var urls = Enumerable.Range(0, Count).Select(i => server.Url($"/{i}")).ToArray();
        await File.WriteAllLinesAsync(folder["urls"], urls);
        await File.WriteAllLinesAsync(
            folder["curl"], urls.SelectMany((url, i) => new[] { $"url = \"{url}\"", $"output = \"{folder[$"curl-{i}"]}\"" }).Prepend("compressed"));

        var curl = await Shell.RunAsync("exec curl -q --silent --show-error --noproxy '*' --fail-early -K \"$1\"", folder["curl"]);
        var fetched = await FetcherProcess.RunAsync(
            folder["urls"], "--compressed", "--output-dir", folder["out"], "--output-template", "{index}", "--format", "csv", "-x", "");

        curl.ShouldBe(new Ran(0, "", ""));
        fetched.ExitCode.ShouldBe(0, fetched.Output);
        for (var i = 0; i < Count; i++)
        {
            var saved = await File.ReadAllBytesAsync(folder[$"out/{i}"]);
            var savedByCurl = await File.ReadAllBytesAsync(folder[$"curl-{i}"]);
            (saved.SequenceEqual(savedByCurl), saved.SequenceEqual(BodyOf(i))).ShouldBe((true, true), $"{i}: {Describe(i)}");
        }
    }

    private static string Describe(int i) => $"{Codings[i % Codings.Length]}, {Framings[i / Codings.Length % Framings.Length]}, {BodyOf(i).Length} bytes";

    /// <summary>From none to some 100,000 bytes, text and noise in turn.</summary>
    private static byte[] BodyOf(int i)
    {
        var size = i / (Codings.Length * Framings.Length);
        var body = new byte[size * size * size * 14];
        if (i % 2 == 0)
        {
            new Random(i).NextBytes(body);
        }
        else
        {
            body.AsSpan().Fill((byte)('a' + (i % 26)));
        }

        return body;
    }

    private static async Task ServeAsync(ScriptedConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var i = int.Parse(request.Split(' ')[1].TrimStart('/'), System.Globalization.CultureInfo.InvariantCulture);
            var coding = Codings[i % Codings.Length];
            var framing = Framings[i / Codings.Length % Framings.Length];
            var coded = Code(BodyOf(i), coding);
            var fields = coding == "identity" ? "" : $"Content-Encoding: {coding}\r\n";
            fields += framing.EndsWith("length", StringComparison.Ordinal) ? $"Content-Length: {coded.Length}\r\n"
                : framing == "chunked" ? "Transfer-Encoding: chunked\r\n"
                : framing == "close" ? "Connection: close\r\n"
                : "";
            await connection.SendAsync($"HTTP/1.{(framing.StartsWith("http10", StringComparison.Ordinal) ? 0 : 1)} 200 OK\r\n{fields}\r\n");
            await connection.SendAsync(framing == "chunked" ? Chunk(coded) : coded);
            if (framing is not ("length" or "chunked"))
            {
                return;
            }
        }
    }

    private static byte[] Chunk(byte[] body) =>
    [
        .. body.Chunk(1000).SelectMany(piece => (byte[])[.. Encoding.ASCII.GetBytes($"{piece.Length:X};x=y\r\n"), .. piece, .. "\r\n"u8]),
        .. "0\r\nTrailer-Field: x\r\n\r\n"u8,
    ];

    private static byte[] Code(byte[] body, string coding)
    {
        var coded = new MemoryStream();
        using (Stream coder = coding switch
        {
            "gzip" or "x-gzip" => new GZipStream(coded, CompressionLevel.Fastest),
            "deflate" => new ZLibStream(coded, CompressionLevel.Fastest),
            "br" => new BrotliStream(coded, CompressionLevel.Fastest),
            "zstd" => new CompressionStream(coded),
            _ => new BufferedStream(coded),
        })
        {
            coder.Write(body);
        }

        return coded.ToArray();
    }
}
