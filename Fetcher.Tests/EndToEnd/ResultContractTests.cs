using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>
/// One run with a fetched URL, a redirected one, and one of each kind of failure that a server or a line can cause: every field of its ndjson, JSON and CSV.
/// </summary>
public sealed class ResultContractTests
{
    private static readonly string[] Keys =
    [
        "index", "url", "final_url", "mode", "ok", "status", "http_version", "error", "exitcode", "attempts", "num_connects", "num_redirects",
        "size_download", "size_body", "sha256", "saved_as", "content_type", "remote_ip", "remote_port", "local_port", "loop", "start",
        "time_queue", "time_namelookup", "time_connect", "time_appconnect", "time_pretransfer", "time_starttransfer", "time_total", "client_stall",
    ];

    private static readonly string[] SummaryKeys = ["urls", "ok", "failed", "wall", "cpu_user", "cpu_system", "max_rss", "requests_per_second"];
    private static readonly string[] StatisticsKeys = ["min", "mean", "p50", "p90", "p99", "max"];

    private static readonly (string Path, string? Kind, int ExitCode, int Status)[] Expected =
    [
        ("/ok", null, 0, 200),
        ("/moved", null, 0, 200),
        ("/missing", "http_status", 22, 404),
        ("/round", "too_many_redirects", 47, 302),
        ("/long", "too_large", 63, 200),
        ("/not-gzip", "decode", 61, 200),
        ("/torn", "receive", 18, 200),
        ("/silent", "timeout", 28, 0),
        ("/garbage", "protocol", 8, 0),
    ];

    [Fact]
    public async Task Every_field_is_there_and_right_in_every_format()
    {
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(ServeAsync);
        await using var plain = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            await connection.SendAsync("HTTP/1.1 400 Bad Request\r\n\r\n");
        });
        var urls = Expected.Select(expected => server.Url(expected.Path)).ToArray();
        string[] others = ["http://127.0.0.1:1/", plain.TlsUrl, "no url", "http://nosuch.invalid/"];
        (string Kind, int ExitCode)[] failures = [("connect", 7), ("tls", 35), ("bad_url", 3), ("dns", 6)];

        await File.WriteAllLinesAsync(folder["urls"], [.. urls, .. others]);

        // The look-up of a name that is nowhere is not to wait for servers that are not there.
        using var process = FetcherProcess.Start(
            [
                folder["urls"], "-u", "me:pw", "--compressed", "--max-redirs", "2", "--max-filesize", "1000", "--read-timeout", "1", "--retry", "0",
                "--order", "input", "--sha256", "--output-dir", folder["out"], "--format", "ndjson", "--report", folder["r.json"], "--report", folder["r.csv"],
            ],
            ("RES_OPTIONS", "timeout:1 attempts:1"));
        process.StandardInput.Close();
        var lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(1);
        var results = lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        results.Length.ShouldBe(urls.Length + others.Length);
        results.ShouldAllBe(result => result.EnumerateObject().Select(field => field.Name).SequenceEqual(Keys));
        lines.SelectMany(SchemaTests.ProblemsOfLine).ShouldBeEmpty();
        results.Select(result => result.GetProperty("index").GetInt32()).ShouldBe(Enumerable.Range(0, results.Length));
        results.Select(result => Text(result, "url")).ShouldBe([.. urls, .. others]);
        results[..urls.Length].Select(result => (KindOf(result), (int)Number(result, "exitcode"), (int)Number(result, "status")))
            .ShouldBe(Expected.Select(expected => (expected.Kind, expected.ExitCode, expected.Status)));
        results[urls.Length..].Select(result => (KindOf(result)!, (int)Number(result, "exitcode"))).ShouldBe(failures);
        results.ShouldAllBe(result => result.GetProperty("ok").GetBoolean() == (KindOf(result) == null));
        CheckFetched(results[0], server, folder["out/127.0.0.1/ok"]);
        CheckRedirected(results[1], server);
        CheckJson(results, await File.ReadAllTextAsync(folder["r.json"]));
        CheckCsv(results, await File.ReadAllLinesAsync(folder["r.csv"]));
    }

    private static void CheckFetched(JsonElement result, ScriptedServer server, string path)
    {
        Text(result, "final_url").ShouldBe(server.Url("/ok"));
        Text(result, "mode").ShouldBe("async");
        Text(result, "http_version").ShouldBe("1.1");
        Text(result, "content_type").ShouldBe("text/plain");
        Text(result, "remote_ip").ShouldBe("127.0.0.1");
        Text(result, "sha256").ShouldBe(Convert.ToHexStringLower(SHA256.HashData("hello"u8)));
        Text(result, "saved_as").ShouldBe(path);
        File.ReadAllText(path).ShouldBe("hello");
        Number(result, "size_download").ShouldBe(Gzip("hello").Length);
        Number(result, "size_body").ShouldBe(5);
        (Number(result, "attempts"), Number(result, "num_redirects"), Number(result, "loop")).ShouldBe((1, 0, 0));
        Number(result, "remote_port").ShouldBe(server.Port);
        Number(result, "local_port").ShouldBeInRange(1, 65535);
        string[] times = ["time_queue", "time_namelookup", "time_connect", "time_pretransfer", "time_starttransfer", "time_total"];
        times.Select(name => result.GetProperty(name).GetDouble()).ShouldBeInOrder();
        (result.GetProperty("start").GetDouble() >= 0, result.GetProperty("time_connect").GetDouble() > 0).ShouldBe((true, true));
        (Number(result, "time_appconnect"), Number(result, "client_stall")).ShouldBe((0, 0));
    }

    private static void CheckRedirected(JsonElement result, ScriptedServer server)
    {
        Text(result, "final_url").ShouldBe(server.Url("/ok?moved"));
        (Number(result, "num_redirects"), Number(result, "attempts"), Number(result, "size_body")).ShouldBe((1, 1, 5));
    }

    private static void CheckJson(JsonElement[] results, string text)
    {
        SchemaTests.ProblemsOfReport(text).ShouldBeEmpty();
        var report = JsonDocument.Parse(text).RootElement;
        report.GetProperty("results").EnumerateArray().Select(result => result.GetRawText()).ShouldBe(results.Select(result => result.GetRawText()));
        Text(report.GetProperty("run"), "mode").ShouldBe("async");
        report.GetProperty("run").EnumerateObject().Select(field => field.Name).ShouldContain(name => name == "kernel");
        var summary = report.GetProperty("summary");
        (Number(summary, "urls"), Number(summary, "ok"), Number(summary, "failed")).ShouldBe((results.Length, 2, results.Length - 2));
        SummaryKeys.ShouldBeSubsetOf(summary.EnumerateObject().Select(field => field.Name));
        foreach (var time in Keys.Where(key => key.StartsWith("time_", StringComparison.Ordinal)))
        {
            StatisticsKeys.ShouldBeSubsetOf(summary.GetProperty(time).EnumerateObject().Select(field => field.Name));
        }
    }

    /// <summary>The same values in the same order, the error in two columns, and an empty one for null; then those that only some results have: id, blocker, worker, header fields, redirects and trace.</summary>
    private static void CheckCsv(JsonElement[] results, string[] lines)
    {
        lines.Length.ShouldBe(results.Length + 1);
        foreach (var (result, line) in results.Zip(lines[1..]))
        {
            var cells = result.EnumerateObject().SelectMany(field => field.Name == "error"
                ? field.Value.ValueKind == JsonValueKind.Null ? (string[])["", ""] : [Text(field.Value, "kind")!, Text(field.Value, "message")!]
                : [field.Value.ValueKind == JsonValueKind.Null ? "" : field.Value.ToString().Replace("True", "true").Replace("False", "false")]);
            WithoutZeros(Cells(line)).ShouldBe(WithoutZeros([.. cells, "", "", "", "", "", "", "", ""]));
        }
    }

    private static IEnumerable<string> WithoutZeros(IEnumerable<string> cells) => cells.Select(cell =>
        double.TryParse(cell, System.Globalization.CultureInfo.InvariantCulture, out var number)
            ? number.ToString("R", System.Globalization.CultureInfo.InvariantCulture)
            : cell);

    private static List<string> Cells(string line)
    {
        var cells = new List<string> { "" };
        var isQuoted = false;
        foreach (var c in line)
        {
            isQuoted ^= c == '"';
            if (c == ',' && !isQuoted)
            {
                cells.Add("");
            }
            else if (c != '"')
            {
                cells[^1] += c;
            }
        }

        return cells;
    }

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private static long Number(JsonElement element, string name) => element.GetProperty(name).GetInt64();

    private static string? KindOf(JsonElement result) =>
        result.GetProperty("error") is { ValueKind: JsonValueKind.Object } error ? Text(error, "kind") : null;

    private static async Task ServeAsync(ScriptedConnection connection)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            switch (request.Split(' ')[1])
            {
                case "/moved":
                    await connection.SendAsync(Response("302 Found", fields: "Location: /ok?moved\r\n"));
                    break;
                case "/round":
                    await connection.SendAsync(Response("302 Found", fields: "Location: /round\r\n"));
                    break;
                case "/missing":
                    await connection.SendAsync(Response("404 Not Found", "sorry"));
                    break;
                case "/long":
                    await connection.SendAsync(Ok(new string('x', 1001)));
                    break;
                case "/not-gzip":
                    await connection.SendAsync(Ok("this is no gzip", "Content-Encoding: gzip\r\n"));
                    break;
                case "/torn":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf");
                    return;
                case "/silent":
                    await connection.HoldAsync();
                    return;
                case "/garbage":
                    await connection.SendAsync("HTTP/1.1 2oo OK\r\n\r\n");
                    return;
                default:
                    await connection.SendAsync(Ok(Gzip("hello"), "Content-Encoding: gzip\r\nContent-Type: text/plain\r\n"));
                    break;
            }
        }
    }

    private static byte[] Gzip(string text)
    {
        var packed = new MemoryStream();
        using (var gzip = new System.IO.Compression.GZipStream(packed, System.IO.Compression.CompressionLevel.Fastest))
        {
            gzip.Write(Encoding.ASCII.GetBytes(text));
        }

        return packed.ToArray();
    }
}
