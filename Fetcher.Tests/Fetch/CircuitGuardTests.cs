using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Loop;

namespace Fetcher.Tests.Fetch;

/// <summary>What the circuit of a host hears of the requests to it, and which it lets pass.</summary>
public sealed class CircuitGuardTests : IDisposable
{
    private static readonly Reply Refused = new(ReplyKind.NoResponse) { Error = Failures.NotConnected.Of("a.test", "refused") };
    private static readonly Reply Fetched = new(ReplyKind.Response, Status: 200, IsAccepted: true);

    private readonly FetchScene _scene = new(new FetchOptions { CircuitFailures = 2, CircuitBreak = TimeSpan.FromSeconds(5) });
    private readonly Queue<Func<Reply>> _replies = new();
    private readonly CircuitGuard _guard;
    private int _asked;

    public CircuitGuardTests()
    {
        _guard = new CircuitGuard(_scene.Job, Next);
        _scene.Begin();
    }

    public void Dispose() => _scene.Dispose();

    [Fact]
    public void A_request_that_is_refused_is_not_made()
    {
        Open();

        var reply = Ask(() => Fetched);

        (reply.Kind, reply.Error!.Blame, _asked).ShouldBe((ReplyKind.NotMade, FailureBlame.Final, 2));
        reply.Error.Message.ShouldContain("the circuit of http://a.test is open after 2 failures in a row");
    }

    [Fact]
    public void When_the_break_is_over_one_request_finds_out_whether_the_host_is_back()
    {
        Open();
        _scene.Advance(6);

        Ask(() => Fetched).ShouldBe(Fetched with { IsReported = true });

        _scene.Job.Circuits.IsQuiet.ShouldBeTrue();
        Ask(() => Fetched).ShouldBe(Fetched);
    }

    [Fact]
    public void A_trial_in_vain_is_reported_and_the_next_comes_after_twice_the_time()
    {
        Open();
        _scene.Advance(6);
        Ask(() => Refused).IsReported.ShouldBeTrue();

        Ask(() => Fetched).Kind.ShouldBe(ReplyKind.NotMade);
        _scene.Advance(6);
        Ask(() => Fetched).Kind.ShouldBe(ReplyKind.NotMade);
        _scene.Advance(6);
        Ask(() => Fetched).Kind.ShouldBe(ReplyKind.Response);
    }

    [Fact]
    public void A_trial_that_ends_by_an_exception_is_reported_so_that_another_can_follow()
    {
        Open();
        _scene.Advance(6);

        Should.Throw<InvalidOperationException>(() => Ask(() => throw new InvalidOperationException("a listener's")));

        _scene.Advance(60);
        Ask(() => Fetched).Kind.ShouldBe(ReplyKind.Response);
        _scene.Job.Circuits.IsQuiet.ShouldBeTrue();
    }

    [Fact]
    public void What_has_been_reported_is_not_counted_again()
    {
        var reply = Ask(() => Refused);
        CircuitGuard.Report(_scene.Job, _scene.Transfer, reply);
        reply.IsReported.ShouldBeFalse();

        var second = Ask(() => Fetched with { Status = 404, IsAccepted = false });
        second.IsReported.ShouldBeTrue();
        CircuitGuard.Report(_scene.Job, _scene.Transfer, second);

        _scene.Job.Circuits.IsQuiet.ShouldBeTrue();
    }

    [Fact]
    public void Neither_a_request_that_was_not_made_nor_one_whose_own_time_was_over_speaks_against_the_host()
    {
        CircuitGuard.Report(_scene.Job, _scene.Transfer, Reply.NotMade(Refused.Error));
        _scene.Begin(deadline: _scene.Now);
        CircuitGuard.Report(_scene.Job, _scene.Transfer, Refused);

        _scene.Job.Circuits.IsQuiet.ShouldBeTrue();
    }

    /// <summary>The host fails until its circuit is open.</summary>
    private void Open()
    {
        CircuitGuard.Report(_scene.Job, _scene.Transfer, Ask(() => Refused));
        CircuitGuard.Report(_scene.Job, _scene.Transfer, Ask(() => Refused));
    }

    private Reply Ask(Func<Reply> reply)
    {
        _replies.Clear();
        _replies.Enqueue(reply);
        return FetchScene.Take(_guard.AskAsync(_scene.Transfer));
    }

    private async LoopTask<Reply> Next(Transfer transfer)
    {
        _asked++;
        await ValueTask.CompletedTask.ConfigureAwait(false);
        return _replies.Dequeue()();
    }
}
