using System.Diagnostics;
using System.Net.Sockets;
using Fetcher.Core.Loop;
using Fetcher.Core.Saving;
using Fetcher.Tests.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Loop;

/// <summary>What the loop promises besides sockets: posts, timers, waits for others, and its end. Over every poller.</summary>
public sealed class EventLoopTests
{
    public static TheoryData<string> Pollers => ["epoll", "poll", "select", "busy"];

    [Fact]
    public void A_post_wakes_the_loop_even_when_it_is_just_waking_up()
    {
        // The second post comes at every possible moment after the first. If its wake-up were taken for the first one's, the third would
        // find the loop asleep for ever.
        // On a busy machine there are fewer rounds, but none of them stays without its end.
        const int Rounds = 5_000;
        var enough = TimeSpan.FromSeconds(5);
        using var loop = New("epoll");
        var done = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            using var seen = new SemaphoreSlim(0);
            var begun = Stopwatch.StartNew();
            for (var round = 0; round < Rounds && begun.Elapsed < enough; round++)
            {
                loop.Post(() => { });
                Thread.SpinWait(round % 500);
                loop.Post(() => seen.Release());
                seen.Wait();
                loop.Post(() => seen.Release());
                seen.Wait();
            }

            done.SetResult();
        })
        { IsBackground = true };

        thread.Start();
        loop.Run(async () => await loop.WaitForAsync(done.Task, loop.GetTimestamp() + 60_000_000_000));

        done.Task.IsCompleted.ShouldBeTrue();
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_post_after_the_loops_end_does_nothing(string poller)
    {
        var loop = New(poller);
        loop.Run(() => Task.CompletedTask);
        loop.Dispose();

        Should.NotThrow(() => loop.Post(() => Assert.Fail("nobody is there to call this")));
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public void Continuations_stay_on_the_loops_thread(string poller)
    {
        using var loop = New(poller);
        var threads = new List<Thread>();

        loop.Run(async () =>
        {
            threads.Add(Thread.CurrentThread);
            await loop.DelayUntilAsync(loop.GetTimestamp() + 1_000_000);
            threads.Add(Thread.CurrentThread);
            await loop.WaitForAsync(Task.Run(() => Thread.Sleep(1)), LoopTimer.Never);
            threads.Add(Thread.CurrentThread);
            await Task.Delay(TimeSpan.FromMilliseconds(1), loop.TimeProvider);
            threads.Add(Thread.CurrentThread);
        });

        threads.ShouldBe(Enumerable.Repeat(Thread.CurrentThread, 4));
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_delay_does_not_end_early(string poller)
    {
        using var loop = New(poller);

        loop.Run(async () =>
        {
            var due = loop.GetTimestamp() + 3_000_000;
            await loop.DelayUntilAsync(due);
            loop.GetTimestamp().ShouldBeGreaterThanOrEqualTo(due);
        });
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_moments()
    {
        var clock = new FakeTimeProvider();
        using var loop = new EventLoop(new PollPoller(), clock);
        var fired = new List<int>();

        loop.Run(async () =>
        {
            foreach (var due in (int[])[900, 300, 600, 0])
            {
                loop.RentTimer(() => fired.Add(due)).Set(loop.GetTimestamp() + due);
            }

            await AdvanceAsync(loop, clock, nanoseconds: 600);
            fired.ShouldBe([0, 300, 600]);
            await AdvanceAsync(loop, clock, nanoseconds: 300);
            fired.ShouldBe([0, 300, 600, 900]);
        });
    }

    [Fact]
    public void A_timer_that_is_moved_fires_at_its_new_moment_only()
    {
        var clock = new FakeTimeProvider();
        using var loop = new EventLoop(new PollPoller(), clock);
        var fired = 0;

        loop.Run(async () =>
        {
            var timer = loop.RentTimer(() => fired++);
            timer.Set(loop.GetTimestamp() + 10);
            timer.Set(loop.GetTimestamp() + 4_000);
            await AdvanceAsync(loop, clock, nanoseconds: 3_000);
            fired.ShouldBe(0);
            await AdvanceAsync(loop, clock, nanoseconds: 1_000);
            fired.ShouldBe(1);

            timer.Set(loop.GetTimestamp() + 4_000);
            timer.Set(loop.GetTimestamp() + 1_000);
            await AdvanceAsync(loop, clock, nanoseconds: 1_000);
            fired.ShouldBe(2);

            timer.Set(loop.GetTimestamp() + 1_000);
            timer.Stop();
            await AdvanceAsync(loop, clock, nanoseconds: 10_000);
            fired.ShouldBe(2);
            loop.Return(timer);
        });
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_stop_ends_every_wait_and_every_further_one(string poller)
    {
        using var loop = New(poller);

        loop.Run(async () =>
        {
            var delay = loop.DelayUntilAsync(LoopTimer.Never - 1).AsTask();
            var other = loop.WaitForAsync(new TaskCompletionSource().Task, LoopTimer.Never).AsTask();
            var command = loop.WaitForAsync(new WriteCommand(() => { }), LoopTimer.Never).AsTask();
            loop.Stop();
            (await Record.ExceptionAsync(() => delay)).ShouldBeOfType<OperationCanceledException>();
            (await Record.ExceptionAsync(() => other)).ShouldBeOfType<OperationCanceledException>();
            (await Record.ExceptionAsync(() => command)).ShouldBeOfType<OperationCanceledException>();
            var later = await Record.ExceptionAsync(() => loop.DelayUntilAsync(LoopTimer.Never - 1).AsTask());
            later.ShouldBeOfType<OperationCanceledException>();
        });
    }

    [Theory]
    [MemberData(nameof(Pollers))]
    public void A_failure_of_the_work_is_that_of_the_run(string poller)
    {
        using var loop = New(poller);

        Should.Throw<InvalidDataException>(() => loop.Run(() => Task.FromException(new InvalidDataException())));
    }

    [Fact]
    public void A_delay_that_is_given_up_ends_before_its_moment()
    {
        using var loop = New("poll");
        using var giveUp = new CancellationTokenSource();

        loop.Run(async () =>
        {
            var delay = loop.DelayUntilAsync(LoopTimer.Never - 1, giveUp.Token).AsTask();
            loop.Post(giveUp.Cancel);
            (await Record.ExceptionAsync(() => delay)).ShouldBeOfType<OperationCanceledException>();
            var later = await Record.ExceptionAsync(() => loop.DelayUntilAsync(LoopTimer.Never - 1, giveUp.Token).AsTask());
            later.ShouldBeOfType<OperationCanceledException>();
            (await Record.ExceptionAsync(() => loop.DelayUntilAsync(0, giveUp.Token).AsTask())).ShouldBeNull("that moment has passed");
        });
    }

    [Fact]
    public void A_socket_that_the_poller_refuses_keeps_no_place_among_the_loops_sockets()
    {
        var poller = new RefusingPoller();
        using var loop = new EventLoop(poller);

        loop.Run(() =>
        {
            LoopSocket.TryOpen(loop, AddressFamily.InterNetwork, out var socket).IsError.ShouldBeFalse();
            poller.Refuses = true;
            Should.Throw<IOException>(() => loop.Watch(socket!));
            socket!.Token.ShouldBe(0ul);
            poller.Refuses = false;
            loop.Watch(socket);
            ((uint)socket.Token).ShouldBe(1u, "the first place");
            socket.Dispose();
            return Task.CompletedTask;
        });
    }

    /// <summary>Moves the clock on and lets the loop turn: the timers that are due fire at the end of a turn.</summary>
    private static async Task AdvanceAsync(EventLoop loop, FakeTimeProvider clock, long nanoseconds)
    {
        clock.Advance(TimeSpan.FromTicks(nanoseconds / 100));
        for (var turn = 0; turn < 3; turn++)
        {
            var next = new TaskCompletionSource();
            loop.Post(next.SetResult);
            await next.Task;
        }
    }

    internal static EventLoop New(string poller) => new(poller switch
    {
        "epoll" => new EpollPoller(),
        "poll" => new PollPoller(),
        "select" => new SelectPoller(),
        _ => new BusyPoller(),
    });

    /// <summary>As the kernel does when there is no memory, or too much is watched (epoll_ctl(2), ENOMEM and ENOSPC).</summary>
    private sealed class RefusingPoller : IPoller
    {
        private readonly PollPoller _poller = new();

        public bool Refuses { get; set; }

        public bool CanWatch(int fd) => true;

        public bool TellsFailure => true;

        public void Add(int fd, ulong token)
        {
            if (Refuses)
            {
                throw new IOException("refused");
            }

            _poller.Add(fd, token);
        }

        public void Arm(int fd, ulong token, Interest interest) => _poller.Arm(fd, token, interest);

        public void Remove(int fd) => _poller.Remove(fd);

        public int Wait(Span<PollEvent> events, int timeoutMilliseconds) => _poller.Wait(events, timeoutMilliseconds);

        public void Dispose() => _poller.Dispose();
    }
}
