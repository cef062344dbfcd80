using Fetcher.Core.Interop;
using Fetcher.Core.Loop.Watching;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>Which part of a sleep the thread was ready to run in.</summary>
public sealed class LoopLedgerTests
{
    private readonly FakeTimeProvider _clock = new();
    private readonly LoopLedger _ledger;

    public LoopLedgerTests() => _ledger = new LoopLedger(loops: 1, _clock);

    [Fact]
    public void A_thread_that_sleeps_on_when_something_has_come_is_not_scheduled()
    {
        Wait(milliseconds: 500, foundNothing: false);
        _ledger.NoteNews(At(100));

        Spent("not scheduled").ShouldBe(400);
        Spent("idle").ShouldBe(100);
        Spans().ShouldBe([(SpanKind.Idle, 0, 100), (SpanKind.NotScheduled, 100, 500)]);
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(0.5, false)]
    [InlineData(3, false)]
    [InlineData(0, true)]
    [InlineData(0.5, true)]
    [InlineData(3, true)]
    public void What_came_in_a_sleep_that_a_signal_ended_is_found_by_the_next_call_however_long_that_takes(double milliseconds, bool isOneWait)
    {
        // SIGCONT ends epoll_wait(2) with EINTR.
        _ledger.BeginWait(timeoutMilliseconds: -1);
        Call(milliseconds: 500);
        if (!isOneWait)
        {
            _ledger.EndWait(foundNothing: true);
            _ledger.BeginWait(timeoutMilliseconds: -1);
        }

        Call(milliseconds);
        _ledger.EndWait(foundNothing: false);
        _ledger.NoteNews(At(100));
        _ledger.NoteNews(At(200));

        Spent("not scheduled").ShouldBe(milliseconds < 1 ? 400 : 400 + milliseconds);
        if (isOneWait)
        {
            _ledger.Finish();
            (_ledger.Delay.Max / 1e6).ShouldBe(400 + milliseconds, tolerance: 4);
        }

        Spans()[..2].ShouldBe([(SpanKind.Idle, 0, 100), (SpanKind.NotScheduled, 100, 500)]);
    }

    [Fact]
    public void A_sleep_that_a_timer_ended_stays_one_when_something_comes_in_the_next()
    {
        Wait(milliseconds: 500, foundNothing: true);
        Wait(milliseconds: 50, foundNothing: false);
        _ledger.NoteNews(At(530));

        Spent("not scheduled").ShouldBe(20);
        Spent("idle").ShouldBe(530);
    }

    private long At(double milliseconds) => _ledger.Began + (long)(milliseconds * 1_000_000);

    private void Wait(double milliseconds, bool foundNothing)
    {
        _ledger.BeginWait(timeoutMilliseconds: -1);
        Call(milliseconds);
        _ledger.EndWait(foundNothing);
    }

    private void Call(double milliseconds)
    {
        _ledger.Begin(Syscall.EpollWait);
        _clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
        _ledger.End();
    }

    private double Spent(string name) => _ledger.Budget.Where(part => part.Name == name).Sum(part => part.Nanoseconds) / 1e6;

    private (SpanKind Kind, double From, double To)[] Spans() =>
        [.. _ledger.Spans.CountedFrom(_ledger.Began).Select(span => (span.Kind, span.From / 1e6, span.To / 1e6))];
}
