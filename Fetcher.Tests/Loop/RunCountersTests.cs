using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class RunCountersTests
{
    private readonly RunCounters _run = new();

    [Fact]
    public void Calls_count_while_their_thread_works_for_the_run_and_stay_counted_afterwards()
    {
        SyscallCounters.Current.Count(Syscall.Send);
        using (_run.CountThisThread())
        {
            SyscallCounters.Current.Count(Syscall.Recv);
            Calls(_run.Syscalls).ShouldBe(["recvfrom 1"], "asked while the thread still counts");
        }

        SyscallCounters.Current.Count(Syscall.Send);
        Calls(_run.Syscalls).ShouldBe(["recvfrom 1"]);
    }

    [Fact]
    public void The_threads_of_a_run_are_summed_up()
    {
        var threads = Enumerable.Range(1, 4).Select(calls => new Thread(() =>
        {
            using var counting = _run.CountThisThread();
            for (var i = 0; i < calls; i++)
            {
                SyscallCounters.Current.Count(Syscall.Recv);
                SyscallCounters.Current.NoteReceived(new SysResult(100));
            }

            SyscallCounters.Current.NoteReceived(new SysResult(-(int)Errno.EAGAIN));
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());

        var sum = _run.Syscalls;
        (sum.CallsOf(Syscall.Recv), sum.Reads, sum.BytesReceived, sum.WouldBlock).ShouldBe((10, 10, 1000, 4));
    }

    [Fact]
    public void A_round_within_a_run_is_the_difference()
    {
        using var counting = _run.CountThisThread();
        SyscallCounters.Current.Count(Syscall.Socket);
        SyscallCounters.Current.Count(Syscall.Recv);
        var before = _run.Syscalls;
        SyscallCounters.Current.Count(Syscall.Recv);

        Calls(_run.Syscalls.Since(before)).ShouldBe(["recvfrom 1"]);
    }

    [Fact]
    public void Loops_that_never_blocked_do_not_count_among_those_that_did()
    {
        _run.KeepsBlockedSpans = true;
        _run.NewBlockedReads();
        _run.NewBlockedReads().Add(new BlockedSpan(0, 10, 1));
        _run.NewBlockedReads().Add(new BlockedSpan(5, 25, 2));

        _run.Blocked.ShouldBe((30, 2));
        _run.BlockedSpans.Select(span => span.LocalPort).ShouldBe([1, 2]);
    }

    private static IEnumerable<string> Calls(SyscallCounters counters) => counters.ByName.Select(call => $"{call.Key} {call.Value}");
}
