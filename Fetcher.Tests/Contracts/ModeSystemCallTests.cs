using Fetcher.Core.Interop;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>
/// A mode waits in the system call that it says it waits in, and in no other. Counted for the whole process, so nothing may run beside.
/// </summary>
[Collection("alone")]
public sealed class ModeSystemCallTests
{
    private static readonly string[] WaitingCalls = ["select", "poll", "epoll_wait", "io_uring_enter"];

    [Theory]
    [InlineData("select", "select")]
    [InlineData("poll", "poll")]
    [InlineData("async", "epoll_wait")]
    [InlineData("blocking-read", "epoll_wait")]
    [InlineData("io-uring", "io_uring_enter")]
    [InlineData("busy-wait", null)]
    [InlineData("httpclient", null)]
    public async Task A_loop_waits_in_the_call_that_gives_its_mode_the_name(string mode, string? call)
    {
        var made = await CountAsync(mode);

        made.Keys.Intersect(WaitingCalls).ShouldBe(call is null ? [] : [call]);
    }

    [Theory]
    [InlineData("sequential")]
    [InlineData("threads")]
    public async Task A_thread_of_its_own_waits_in_its_receive(string mode)
    {
        var before = SyscallCounters.Totals().WouldBlock;

        var made = await CountAsync(mode);

        // Head and body of each response; the kernel says EAGAIN only when the time is over.
        made["recvfrom"].ShouldBeGreaterThan(0);
        SyscallCounters.Totals().WouldBlock.ShouldBe(before);
    }

    [Fact]
    public async Task Busy_waiting_asks_in_vain()
    {
        var before = SyscallCounters.Totals().WouldBlock;

        var made = await CountAsync("busy-wait");

        // Of the sockets, that is: its own wake-up it reads only when somebody has called.
        made.GetValueOrDefault("read").ShouldBeLessThan(made["recvfrom"]);
        SyscallCounters.Totals().WouldBlock.ShouldBeGreaterThan(before);
    }

    [Fact]
    public async Task The_mode_for_every_system_makes_none_of_our_calls() => (await CountAsync("httpclient")).ShouldBeEmpty();

    /// <summary>Runs a few slow transfers; the calls that were made meanwhile, by name.</summary>
    private static async Task<Dictionary<string, long>> CountAsync(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await Task.Delay(5);
                await connection.SendAsync(Ok());
            }
        });
        // What earlier tests left to the finalizer would be closed, and counted, at some time.
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var before = SyscallCounters.Snapshot();

        var outcomes = await ModeRun.FetchAsync(
            mode, ModeRun.Options with { CpuBurst = TimeSpan.FromMilliseconds(1) }, server.Url(), server.Url(), "http://127.0.0.1:1/");

        outcomes.Count(outcome => outcome.Ok).ShouldBe(2);
        return SyscallCounters.Snapshot()
            .Select(after => KeyValuePair.Create(after.Key, after.Value - before.GetValueOrDefault(after.Key)))
            .Where(made => made.Value > 0)
            .ToDictionary();
    }
}
