using System.Collections;
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
    private const int PerSecond = 200, Concurrency = 128, Watches = 40, Late = 28;

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
        var asked = new BitArray(count + 1);
        await using var server = new ScriptedServer(connection => ServeAsync(connection, asked));
        using var process = FetcherProcess.Start(
            "-", "--mode", mode, "--format", "ndjson", "--concurrency", $"{Concurrency}", "--rate", $"{PerSecond}/s", "--read-timeout", "1.5",
            "--retry", "1", "--retry-delay", "0.01", "--max-filesize", "100000", "--compressed", "--circuit-breaker", "0");
        var writing = WriteListAsync(process.StandardInput, server, count);
        var watching = WatchAsync(process, TimeSpan.FromSeconds(seconds / (double)Watches));

        var told = new BitArray(count);
        var wrong = new List<string>();
        var late = 0;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            using var result = JsonDocument.Parse(line);
            var index = result.RootElement.GetProperty("index").GetInt32();
            var code = result.RootElement.GetProperty("exitcode").GetInt32();
            if (code == Late && !told[index] && FaultOf(index) != "stall")
            {
                // The server of this test has its bad moments too, on a machine that is busy.
                late++;
            }
            else if (told[index] || !Faults[FaultOf(index)].Contains(code) || !asked[index])
            {
                wrong.Add($"{(told[index] ? "twice" : asked[index] ? "judged wrongly" : "never asked")}: {FaultOf(index)} {line}");
            }

            told[index] = true;
        }

        await writing;
        await process.WaitForExitAsync();
        var (descriptors, memory) = await watching;
        output.WriteLine($"{mode}: {count} URLs, all told {told.HasAllSet()}, {late} late, descriptors {descriptors.First} then {descriptors.Last}, resident {memory.First >> 20} MiB then {memory.Last >> 20} MiB");
        wrong.ShouldBeEmpty();
        late.ShouldBeLessThan(count / 10);
        told.HasAllSet().ShouldBeTrue("a result for each");
        (await process.StandardError.ReadToEndAsync()).ShouldBeEmpty();
        descriptors.Last.ShouldBeLessThanOrEqualTo(descriptors.First + Concurrency);
        memory.Last.ShouldBeLessThan((memory.First * 3 / 2) + (32 << 20));
    }

    private static string FaultOf(int index) => Faults.Keys.ElementAt(index * 7 % Faults.Count);

    private static async Task WriteListAsync(StreamWriter list, ScriptedServer server, int count)
    {
        for (var i = 0; i < count; i++)
        {
            await list.WriteLineAsync(server.Url($"/{FaultOf(i)}/{i}"));
        }

        list.Close();
    }

    private static async Task ServeAsync(ScriptedConnection connection, BitArray asked)
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var path = request.Split(' ')[1].Split('/');
            var index = int.Parse(path[2], CultureInfo.InvariantCulture);
            bool isFirst;
            lock (asked)
            {
                isFirst = !asked[index];
                asked[index] = true;
            }

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
                case "cut":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    return;
                case "stall":
                    await connection.SendAsync("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhello");
                    await connection.HoldAsync();
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

    /// <summary>The first and the last look, once it is under way, at what the process has open and in memory; the least of the first and last few.</summary>
    private static async Task<((int First, int Last) Descriptors, (long First, long Last) Memory)> WatchAsync(Process process, TimeSpan pause)
    {
        var looks = new List<(int Descriptors, long Memory)>();
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

        // Not the start, and not the end, when it is going already.
        looks = [.. looks.Skip(looks.Count / 5).Where(look => look.Memory > 0)];
        var (first, last) = (looks.Take(looks.Count / 4), looks.TakeLast(looks.Count / 4).SkipLast(1));
        return ((first.Min(look => look.Descriptors), last.Min(look => look.Descriptors)), (first.Max(look => look.Memory), last.Max(look => look.Memory)));
    }
}
