using Fetcher.Core.Fetch;
using Fetcher.Core.Interop;
using Fetcher.Core.Work;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>A mode waits in the system call that it says it waits in, and in no other.</summary>
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
    public async Task A_loop_waits_in_the_call_that_gives_its_mode_the_name(string mode, string? call)
    {
        var made = (await CountAsync(mode)).ByName;

        made.Keys.Intersect(WaitingCalls).ShouldBe(call is null ? [] : [call]);
    }

    [Theory]
    [InlineData("sequential")]
    [InlineData("threads")]
    public async Task A_thread_of_its_own_waits_in_its_receive(string mode)
    {
        var made = await CountAsync(mode);

        // Head and body of each response; the kernel says EAGAIN only when the time is over.
        made.ByName["recvfrom"].ShouldBeGreaterThan(0);
        made.WouldBlock.ShouldBe(0);
    }

    [Fact]
    public async Task Busy_waiting_asks_in_vain()
    {
        var made = await CountAsync("busy-wait");

        // Of the sockets, that is: its own wake-up it reads only when somebody has called.
        made.CallsOf(Syscall.Read).ShouldBeLessThan(made.CallsOf(Syscall.Recv));
        made.WouldBlock.ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("async")]
    [InlineData("poll")]
    [InlineData("io-uring")]
    public async Task A_connection_takes_one_call_where_the_poller_tells_that_it_is_made(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(fields: "Connection: close\r\n")));
        var job = new FetchJob(ModeRun.Options, new ListWork(new MemorySource([.. Enumerable.Repeat(server.Url(), 5)]), new MemorySink()));

        await ModeRun.RunAsync(mode, job);

        job.Counters.Syscalls.CallsOf(Syscall.Connect).ShouldBe(5);
    }

    /// <summary>Runs a few slow transfers; the calls of that run.</summary>
    private static async Task<SyscallCounters> CountAsync(string mode)
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is not null)
            {
                await Task.Delay(5);
                await connection.SendAsync(Ok());
            }
        });
        var sink = new MemorySink();
        var job = new FetchJob(
            ModeRun.Options with { CpuBurst = TimeSpan.FromMilliseconds(1) },
            new ListWork(new MemorySource([server.Url(), server.Url(), "http://127.0.0.1:1/"]), sink));

        await ModeRun.RunAsync(mode, job);

        sink.Outcomes.Count(outcome => outcome.Ok).ShouldBe(2);
        return job.Counters.Syscalls;
    }
}
