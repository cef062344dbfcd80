using Fetcher.Core;
using Fetcher.Core.Hosts;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Hosts;

/// <summary>A host that is dead is asked only so often.</summary>
public sealed class CircuitsTests
{
    private static readonly FetchError Refused = Failures.NotConnected.Of("http://a", "refused");
    private static readonly HostOutcome Failed = new(HostVerdict.Failed, Refused);
    private static readonly HostOutcome Answered = new(HostVerdict.Answered);
    private static readonly HostOutcome Unclear = new(HostVerdict.Unclear);

    private readonly FakeTimeProvider _clock = new();
    private readonly HostTable _hosts;
    private readonly Circuits _circuits;

    public CircuitsTests()
    {
        _hosts = new HostTable(_clock);
        _circuits = new Circuits(new FetchOptions { CircuitFailures = 3, CircuitBreak = TimeSpan.FromSeconds(5) }, _hosts, _clock);
    }

    [Fact]
    public void While_no_host_fails_there_are_no_circuits_and_no_hosts()
    {
        Ask(Answered);
        Ask(Unclear);

        _circuits.IsQuiet.ShouldBeTrue();
        _circuits.Enter("http://a"u8).ShouldBe(default);
        _hosts.Count.ShouldBe(0);
    }

    [Fact]
    public void After_so_many_failures_in_a_row_a_host_is_not_asked()
    {
        Ask(Failed, times: 2);
        var admission = _circuits.Enter("http://a"u8);
        (admission.HasCircuit, admission.Refusal).ShouldBe((true, null));
        _circuits.Report("http://a"u8, admission, Failed);

        var refusal = _circuits.Enter("http://a"u8).Refusal.ShouldNotBeNull();

        refusal.ShouldBe(Refused with
        {
            Message = "not tried: the circuit of http://a is open after 3 failures in a row; the last: could not connect to http://a: refused",
            Blame = FailureBlame.Final,
        });
        _circuits.Enter("http://b"u8).Refusal.ShouldBeNull();
        _circuits.Enter("https://a"u8).Refusal.ShouldBeNull();
    }

    [Fact]
    public void An_answer_between_failures_keeps_the_circuit_closed()
    {
        for (var i = 0; i < 5; i++)
        {
            Ask(Failed, times: 2);
            Ask(Answered);
        }

        (_circuits.IsQuiet, IsRefused).ShouldBe((true, false));
    }

    [Fact]
    public void An_end_that_says_nothing_about_the_host_neither_counts_nor_breaks_the_row()
    {
        Ask(Failed);
        Ask(Unclear, times: 9);
        Ask(Failed);
        IsRefused.ShouldBeFalse();

        Ask(Failed);
        IsRefused.ShouldBeTrue();
    }

    [Fact]
    public void After_the_break_one_is_tried_and_its_answer_closes_the_circuit()
    {
        Open();
        _clock.Advance(TimeSpan.FromSeconds(4.9));
        IsRefused.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(0.1));

        var trial = _circuits.Enter("http://a"u8);
        trial.Refusal.ShouldBeNull();
        IsRefused.ShouldBeTrue();
        _circuits.Report("http://a"u8, trial, Answered);

        (_circuits.IsQuiet, IsRefused).ShouldBe((true, false));
        Ask(Failed, times: 2);
        IsRefused.ShouldBeFalse();
    }

    [Fact]
    public void Each_trial_in_vain_makes_the_break_twice_as_long_up_to_a_minute()
    {
        Open();
        foreach (var seconds in new[] { 5, 10, 20, 40, 60, 60 })
        {
            _clock.Advance(TimeSpan.FromSeconds(seconds - 0.1));
            IsRefused.ShouldBeTrue();
            _clock.Advance(TimeSpan.FromSeconds(0.1));
            Ask(Failed);
        }
    }

    [Fact]
    public void A_trial_with_an_end_that_says_nothing_is_no_sign_of_life()
    {
        Open();
        _clock.Advance(TimeSpan.FromSeconds(5));
        Ask(Unclear);

        _clock.Advance(TimeSpan.FromSeconds(9.9));
        IsRefused.ShouldBeTrue();
        _clock.Advance(TimeSpan.FromSeconds(0.1));
        IsRefused.ShouldBeFalse();
    }

    [Fact]
    public void The_refusal_names_the_last_failure()
    {
        Open();
        _clock.Advance(TimeSpan.FromSeconds(5));
        Ask(new HostOutcome(HostVerdict.Failed, Failures.OfStatus(502)));

        var refusal = _circuits.Enter("http://a"u8).Refusal!;

        (refusal.Kind, refusal.ExitCode).ShouldBe((FetchErrorKind.HttpStatus, 22));
        refusal.Message.ShouldEndWith("; the last: the server answered 502");
    }

    [Fact]
    public void Failures_of_requests_that_were_sent_before_it_opened_prolong_nothing()
    {
        var late = Enumerable.Range(0, 9).Select(_ => _circuits.Enter("http://a"u8)).ToList();
        Open();
        late.GetRange(0, 5).ForEach(admission => _circuits.Report("http://a"u8, admission, Failed));
        _clock.Advance(TimeSpan.FromSeconds(5));
        late.GetRange(5, 4).ForEach(admission => _circuits.Report("http://a"u8, admission, Failed));

        IsRefused.ShouldBeFalse();
    }

    [Fact]
    public void An_answer_to_a_request_that_was_sent_before_it_opened_closes_it()
    {
        var late = _circuits.Enter("http://a"u8);
        Open();

        _circuits.Report("http://a"u8, late, Answered);

        (_circuits.IsQuiet, IsRefused).ShouldBe((true, false));
    }

    [Fact]
    public void Nothing_is_counted_when_nobody_asks_for_it()
    {
        var none = new Circuits(new FetchOptions { CircuitFailures = 0 }, _hosts, _clock);
        for (var i = 0; i < 100; i++)
        {
            none.Report("http://a"u8, none.Enter("http://a"u8), Failed);
        }

        (none.IsQuiet, _hosts.Count).ShouldBe((true, 0));
    }

    [Fact]
    public async Task Loops_that_ask_at_once_make_one_trial()
    {
        Open();
        _clock.Advance(TimeSpan.FromSeconds(5));

        var admitted = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 100).Count(_ => _circuits.Enter("http://a"u8).Refusal is null))));

        admitted.Sum().ShouldBe(1);
    }

    // Asks whether it may be asked, as long as it may not: whoever is let in has to report.
    private bool IsRefused => _circuits.Enter("http://a"u8).Refusal is not null;

    private void Open()
    {
        Ask(Failed, times: 3);
        IsRefused.ShouldBeTrue();
    }

    private void Ask(HostOutcome outcome, int times = 1)
    {
        for (var i = 0; i < times; i++)
        {
            var admission = _circuits.Enter("http://a"u8);
            admission.Refusal.ShouldBeNull();
            _circuits.Report("http://a"u8, admission, outcome);
        }
    }
}
