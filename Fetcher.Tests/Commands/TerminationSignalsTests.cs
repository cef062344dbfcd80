using Fetcher.Commands;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Commands;

/// <summary>What signals ask for, on a clock of the test's own.</summary>
public sealed class TerminationSignalsTests
{
    private const int Interrupt = 2, Terminate = 15;

    private readonly FakeTimeProvider _clock = new();
    private readonly List<int> _exits = [];

    [Fact]
    public void The_first_ends_the_run_and_gives_its_status()
    {
        using var signals = New();

        signals.OnSignal(Terminate);

        (signals.ExitStatus, signals.Draining.IsCancellationRequested, signals.Stopping.IsCancellationRequested).ShouldBe((143, true, true));
        _exits.ShouldBeEmpty();
    }

    [Theory]
    [InlineData(Interrupt, Interrupt)]
    [InlineData(Terminate, Terminate)]
    [InlineData(Interrupt, Terminate)]
    public void Those_of_one_stroke_are_one_request(int first, int second)
    {
        using var signals = New();

        signals.OnSignal(first);
        signals.OnSignal(second);
        _clock.Advance(TimeSpan.FromSeconds(0.29));
        signals.OnSignal(second);

        _exits.ShouldBeEmpty();
        signals.ExitStatus.ShouldBe(128 + first);
    }

    [Fact]
    public void A_second_one_after_a_moment_ends_the_process()
    {
        using var signals = New();

        signals.OnSignal(Interrupt);
        _clock.Advance(TimeSpan.FromSeconds(0.3));
        signals.OnSignal(Terminate);

        _exits.ShouldBe([130]);
    }

    [Fact]
    public void One_that_comes_after_the_end_harms_nobody()
    {
        var signals = New();
        signals.Dispose();

        Should.NotThrow(() => signals.OnSignal(Terminate));
    }

    private TerminationSignals New() => new(TestContext.Current.CancellationToken, clock: _clock, exit: _exits.Add);
}
