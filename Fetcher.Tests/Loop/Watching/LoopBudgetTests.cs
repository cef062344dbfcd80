using System.IO.Compression;
using System.Text;
using Fetcher.Core.Loop.Watching;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>Where a loop's time goes.</summary>
public sealed class LoopBudgetTests
{
    [Theory]
    [MemberData(nameof(ModeRun.All), MemberType = typeof(ModeRun))]
    public async Task The_parts_add_up_to_the_wall_time(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await Task.Delay(5);
                await connection.SendAsync(Scripts.Ok(new string('x', 100_000)));
            }
        });
        var run = await WatchedRun.OfAsync(mode, WatchedRun.Options with { Concurrency = 8 }, [.. Enumerable.Repeat(server.Url(), 40)]);

        run.Outcomes.ShouldAllBe(outcome => outcome.Ok);
        if (mode == "httpclient")
        {
            run.Record.ShouldBeNull();
            return;
        }

        run.Record.ShouldNotBeNull();
        foreach (var loop in run.Record.Loops)
        {
            var wall = (double)(loop.To - loop.From);
            (loop.Budget.Sum(part => part.Nanoseconds) / wall).ShouldBeInRange(0.99, 1.01);
            loop.Budget.ShouldAllBe(part => part.Nanoseconds > 0);
            (wall / run.Wall).ShouldBeLessThan(1.01);
            loop.Utilization.ShouldBeInRange(0, 1);
            loop.Spans[0].From.ShouldBe(loop.From);
            loop.Spans[^1].To.ShouldBe(loop.To);
            loop.Spans.Zip(loop.Spans.Skip(1), (one, next) => next.From - one.To).ShouldAllBe(gap => gap == 0);
        }

        var spent = run.Record.Budget.ToDictionary(part => part.Name, part => part.Nanoseconds);
        spent.Keys.ShouldContain(mode is "sequential" or "threads" or "blocking-read" ? "blocked" : mode == "busy-wait" ? "recvmsg" : "idle");
    }

    [Fact]
    public async Task TLS_is_a_part_of_its_own()
    {
        using var certificate = Certificates.SelfSigned("127.0.0.1");
        await using var server = new ScriptedServer(certificate, Scripts.Answer(Scripts.Ok(new string('x', 500_000))));
        var run = await WatchedRun.OfAsync("async", WatchedRun.Options with { Insecure = true }, server.Url());
        run.Outcomes[0].Ok.ShouldBeTrue();
        run.Record!.Budget.ShouldContain(part => part.Name == "tls");
    }

    [Fact]
    public async Task Decoding_is_a_part_of_its_own()
    {
        using var coded = new MemoryStream();
        using (var gzip = new GZipStream(coded, CompressionLevel.Fastest, leaveOpen: true))
        {
            gzip.Write(Encoding.ASCII.GetBytes(string.Join(' ', Enumerable.Range(0, 100_000))));
        }

        await using var server = new ScriptedServer(Scripts.Answer(Scripts.Ok(coded.ToArray(), "Content-Encoding: gzip\r\n")));
        var run = await WatchedRun.OfAsync("async", WatchedRun.Options with { Compressed = true }, server.Url());
        run.Outcomes[0].SizeBody.ShouldBeGreaterThan(run.Outcomes[0].SizeDownload);
        run.Record!.Budget.ShouldContain(part => part.Name == "decode");
    }

    [Fact]
    public void A_loop_that_was_busy_would_have_kept_timers_waiting()
    {
        var lag = new LoopLag();
        lag.AddIdle(0, 10_000_000);
        lag.AddBusy(10_000_000, 20_000_000);
        lag.Delays.Count.ShouldBe(20);
        lag.Delays.Max.ShouldBe(9_000_000);
        lag.Delays.Percentile(50).ShouldBe(0);
    }
}
