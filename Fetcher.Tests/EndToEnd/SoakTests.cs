using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>
/// A run among faults of all kinds, for as many seconds as FETCHER_SOAK_SECONDS says: descriptors and memory stay where they were, and the books
/// balance: every URL has one result, of the kind that its server's fault makes, and no server saw a request that has none.
/// </summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int PerSecond = 200, Concurrency = 128, MaxRedirects = 10, Late = 28;

    private static readonly Dictionary<string, int[]> Faults = new()
    {
        // The path, and the exit codes that may come of it.
        ["ok"] = [0],
        ["chunked"] = [0],
        ["redirect"] = [0],
        ["slow"] = [0],
        ["close"] = [0],
        ["gone"] = [22],
        ["busy"] = [0],
        ["reset"] = [56, 52, 55],
        ["cut"] = [18],
        ["stall"] = [28],
        ["garbage"] = [8, 1, 52, 56],
        ["gzip"] = [61],
        ["long"] = [63],
        ["loop"] = [47],
        ["file"] = [1],
    };

    [Theory]
    [InlineData("async")]
    [InlineData("httpclient")]
    public async Task Nothing_leaks_and_nothing_is_lost_among_faults_of_all_kinds(string mode)
    {
        var seconds = int.Parse(Environment.GetEnvironmentVariable("FETCHER_SOAK_SECONDS") ?? "4", CultureInfo.InvariantCulture);
        var count = seconds * PerSecond;
        var received = new int[count];
        await using var server = new ScriptedServer(connection => ServeAsync(connection, received));
        using var process = FetcherProcess.Start(
            "-", "--mode", mode, "--format", "ndjson", "--concurrency", $"{Concurrency}", "--rate", $"{PerSecond}/s", "--read-timeout", "1.5",
            "--max-redirs", $"{MaxRedirects}", "--retry", "1", "--retry-delay", "0.01", "--max-filesize", "100000", "--compressed", "--circuit-breaker", "0");
        var writing = WriteListAsync(process.StandardInput, server, count);
        var watching = WatchAsync(process, TimeSpan.FromSeconds(Math.Clamp(seconds / 40.0, 0.1, 2)));

        var (sent, untold) = (new int[count], new int[count]);
        var wrong = new List<string>();
        var late = 0;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var result = JsonDocument.Parse(line);
            int Number(string name) => result.RootElement.GetProperty(name).GetInt32();
            var (index, code) = (Number("index"), Number("exitcode"));
            var fault = FaultOf(index);
            var isLate = code == Late && fault != "stall";
            if (sent[index] > 0 || !(isLate || Faults[fault].Contains(code)))
            {
                wrong.Add($"{(sent[index] > 0 ? "twice" : "judged wrongly")}: {fault} {line}");
            }

            // As for curl, a redirect that is refused counts as one, though no request follows it, and those of an attempt that was given up do not count.
            sent[index] = Number("attempts") + (fault == "file" ? 0 : Number("num_redirects"));
            untold[index] = MostUntold(fault, Number("attempts"));
            late += isLate ? 1 : 0;
        }

        await writing;
        await process.WaitForExitAsync();
        var looks = await watching;
        var (descriptors, memory) = (Quarters(looks, look => look.Descriptors), Quarters(looks, look => look.Memory >> 20));
        output.WriteLine(
            $"{mode}: {count} URLs in {seconds} s, {sent.Count(requests => requests > 0)} told, {late} late; {sent.Sum()} requests sent, {received.Sum()} received; "
            + $"in each quarter {string.Join(", ", descriptors)} descriptors and {string.Join(", ", memory)} MiB resident");
        wrong.ShouldBeEmpty();
        sent.ShouldAllBe(requests => requests > 0, "a result for each");
        sent.Zip(untold, received).ShouldAllBe(url => url.Third > 0 && url.Third <= url.First + url.Second, "no request but for a result, no result without one");
        (await process.StandardError.ReadToEndAsync()).ShouldBeEmpty();

        // The server of this test has its bad moments too, on a machine that is busy: then it answers late, or never reads what came.
        var mostLate = Concurrency + (count / 50);
        late.ShouldBeLessThanOrEqualTo(mostLate);
        (sent.Sum() - received.Sum()).ShouldBeInRange(-untold.Sum(), mostLate);

        // A short run has not come to rest by its second quarter, least of all its heap; how many connections are open swings a little even later.
        descriptors[3].ShouldBeLessThanOrEqualTo(descriptors[1] + (seconds < 30 ? Concurrency : 16));
        memory[3].ShouldBeLessThanOrEqualTo(memory[1] + (seconds < 300 ? 64 : 16));
    }

    private static int MostUntold(string fault, int attempts) => fault switch
    {
        "redirect" or "loop" => (attempts - 1) * MaxRedirects,

        // What comes on a kept connection and is no answer may be of an earlier request: each attempt may ask once more, on a fresh one.
        "garbage" => attempts,
        _ => 0,
    };

    private static string FaultOf(int index) => Faults.Keys.ElementAt(index * 7 % Faults.Count);

    private static async Task WriteListAsync(StreamWriter list, ScriptedServer server, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await list.WriteLineAsync(server.Url($"/{FaultOf(i)}/{i}"));
        }

        list.Close();
    }

    private static async Task ServeAsync(ScriptedConnection connection, int[] received)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var path = request.Split(' ')[1].Split('/');
            var index = int.Parse(path[2], CultureInfo.InvariantCulture);
            var isFirst = Interlocked.Increment(ref received[index]) == 1;
            switch (path[1])
            {
                case "chunked":
                    await connection.SendAsync(Chunked("hello", "world"));
                    break;
                case "redirect":
                    await connection.SendAsync(Response("302 Found", "", $"Location: /ok/{index}\r\n"));
                    break;
                case "slow":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-");
                    await Task.Delay(20);
                    await connection.SendAsync("Length: 5\r\n\r\nhello");
                    break;
                case "close":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\n\r\nuntil the end");
                    return;
                case "gone":
                    await connection.SendAsync(Response("404 Not Found"));
                    break;
                case "busy" when isFirst:
                    await connection.SendAsync(Response("503 Busy", "", "Retry-After: 0\r\n"));
                    break;
                case "reset":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\n");
                    connection.Reset();
                    return;
                case "cut" or "stall":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    await (path[1] == "stall" ? connection.HoldAsync() : Task.CompletedTask);
                    return;
                case "garbage":
                    await connection.SendAsync("\0\u0001\u0002 nonsense\r\n\r\n");
                    return;
                case "gzip":
                    await connection.SendAsync(Ok("no gzip at all", "Content-Encoding: gzip\r\n"));
                    break;
                case "long":
                    await connection.SendAsync(Ok(new string('x', 200_000)));
                    break;
                case "loop":
                    await connection.SendAsync(Response("302 Found", "", $"Location: /loop/{index}\r\n"));
                    break;
                case "file":
                    await connection.SendAsync(Response("302 Found", "", "Location: file:///etc/passwd\r\n"));
                    break;
                default:
                    await connection.SendAsync(Ok());
                    break;
            }
        }
    }

    /// <summary>What the process has open and in memory, looked at again and again until it ends.</summary>
    private static async Task<List<(long Descriptors, long Memory)>> WatchAsync(Process process, TimeSpan pause)
    {
        var looks = new List<(long Descriptors, long Memory)>();
        while (!process.HasExited)
        {
            await Task.Delay(pause);
            try
            {
                process.Refresh();
                looks.Add((Directory.GetFileSystemEntries($"/proc/{process.Id}/fd").Length, process.WorkingSet64));
            }
            catch (Exception e) when (e is IOException or InvalidOperationException or UnauthorizedAccessException)
            {
                // It ended between the two.
            }
        }

        return looks;
    }

    /// <summary>The median of each quarter of the looks.</summary>
    private static long[] Quarters(List<(long Descriptors, long Memory)> looks, Func<(long Descriptors, long Memory), long> figure) =>
        [.. looks.Chunk((looks.Count + 3) / 4).Select(quarter => quarter.Select(figure).Order().ElementAt(quarter.Length / 2))];
}
