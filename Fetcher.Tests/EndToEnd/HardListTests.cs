using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>
/// A list over fifty hosts, of which many misbehave: each URL has one result, the right one, also when the run is killed again and again. 2,000 URLs;
/// <c>bench/hard-list.sh</c> has it do 20,000, and looks at the time, too.
/// </summary>
public sealed class HardListTests : IDisposable
{
    private const int Slots = 64, PerHost = 16, Kills = 5;

    private readonly TempFolder _folder = new();

    /// <summary>Pages of each host.</summary>
    private static int Pages =>
        int.Parse(Environment.GetEnvironmentVariable("HARD_LIST_URLS") ?? "2000", CultureInfo.InvariantCulture) / HardOrigin.Hosts;

    private string Log => Environment.GetEnvironmentVariable("HARD_LIST_LOG") ?? _folder["log"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Every_URL_has_its_one_right_result()
    {
        await using var origin = await HardOrigin.StartAsync(Pages);
        var urls = await WriteListAsync(origin);

        var clock = Stopwatch.StartNew();
        var ran = await FetcherProcess.RunAsync(Arguments("whole"));
        var (seconds, ideal) = (clock.Elapsed.TotalSeconds, origin.IdealSeconds(Slots, PerHost));

        ran.ExitCode.ShouldBe(1, ran.Error);
        ShouldBeRight(ran.Lines, urls, "whole");
        await LogAsync($"{urls.Length} URLs in {seconds:0.00} s, {seconds / ideal:0.00} of the ideal {ideal:0.00} s");
        if (Pages >= 400)
        {
            (seconds / ideal).ShouldBeLessThan(1.3);
        }
    }

    [Fact]
    public async Task Killed_on_the_way_it_comes_to_the_same_end()
    {
        await using var origin = await HardOrigin.StartAsync(Pages);
        var urls = await WriteListAsync(origin);
        string[] arguments = [.. Arguments("killed"), "--journal", _folder["journal"]];

        for (var kill = 1; kill <= Kills; kill++)
        {
            using var process = FetcherProcess.Start(arguments);
            var output = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);
            var enough = origin.Answered + (urls.Length / (Kills + 2));
            await ModeRun.UntilAsync(() => origin.Answered >= enough || process.HasExited);
            process.HasExited.ShouldBeFalse();
            process.Signal("KILL");
            await process.WaitForExitAsync();
            await output;
        }

        var before = origin.Answered;
        var ran = await FetcherProcess.RunAsync(arguments);

        ran.ExitCode.ShouldBe(1, ran.Error);
        ShouldBeRight(ran.Lines, urls, "killed");
        Directory.EnumerateFiles(_folder["killed"], ".fetcher-*", SearchOption.AllDirectories).ShouldBeEmpty();
        (origin.Answered - before).ShouldBeLessThan(urls.Length / 2);
        await LogAsync($"{urls.Length} URLs, killed {Kills} times: {origin.Answered} answers in all, {origin.Answered - before} of them to the last run");
    }

    private string[] Arguments(string folder) =>
    [
        _folder["list"], "-q", "--concurrency", $"{Slots}", "--per-host", $"{PerHost}", "--retry", "5", "--retry-delay", "0.2", "--compressed", "--sha256",
        "--format", "ndjson", "--output-dir", _folder[folder], "--output-template", "{host}/{index}",
    ];

    /// <summary>Writes the list in an order that is always the same and has the hosts mixed.</summary>
    private async Task<HardUrl[]> WriteListAsync(HardOrigin origin)
    {
        HardUrl[] urls = [.. origin.Urls];
        new Random(1).Shuffle(urls);
        await File.WriteAllLinesAsync(_folder["list"], urls.Select(url => url.Url));
        return urls;
    }

    private void ShouldBeRight(string[] lines, HardUrl[] urls, string folder)
    {
        var results = lines.Select(line => JsonDocument.Parse(line).RootElement).OrderBy(result => result.GetProperty("index").GetInt64()).ToArray();
        results.Select(result => result.GetProperty("index").GetInt64()).ShouldBe(Enumerable.Range(0, urls.Length).Select(index => (long)index));
        foreach (var (result, url) in results.Zip(urls))
        {
            result.GetProperty("url").GetString().ShouldBe(url.Url);
            result.GetProperty("ok").GetBoolean().ShouldBe(url.Sha256 is not null, result.ToString());
            result.GetProperty("sha256").GetString().ShouldBe(url.Sha256);
            if (url.Sha256 is null)
            {
                result.GetProperty("error").GetProperty("kind").GetString().ShouldBe("connect");
                continue;
            }

            var path = result.GetProperty("saved_as").GetString().ShouldNotBeNull();
            path.ShouldStartWith(_folder[folder]);
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(path))).ShouldBe(url.Sha256);
        }
    }

    private Task LogAsync(FormattableString line) => File.AppendAllTextAsync(Log, FormattableString.Invariant(line) + "\n");
}
