using Fetcher.Core.Loop;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Loop;

/// <summary>A method that serves one call after the other: here, it doubles what it is asked, and waits in between when it is told to.</summary>
public sealed class LoopCallsTests
{
    private readonly LoopCalls<int> _calls = new(isOfLoop: true);
    private readonly Waiter _wait = new();
    private readonly List<string> _order = [];
    private int _asked;
    private bool _waits;

    public LoopCallsTests() => _ = ServeAsync();

    [Fact]
    public void A_call_that_needs_no_wait_has_its_result_at_once()
    {
        Call(1).ShouldBe(2);
        Call(2).ShouldBe(4);
    }

    [Fact]
    public void A_call_that_waits_goes_on_within_what_ends_the_wait()
    {
        _waits = true;
        var results = new List<int>();
        _ = CallAsync(3, results);
        results.ShouldBeEmpty();

        _wait.Complete(ready: true);

        results.ShouldBe([6, 12, 24]);
    }

    [Fact]
    public void A_call_made_while_the_one_before_ends_is_served_once_its_caller_waits()
    {
        _waits = true;
        _ = CallAsync(2, []);

        _wait.Complete(ready: true);

        _order.ShouldBe(["serve 2", "ended", "called", "serve 4", "ended", "called", "serve 8", "ended"]);
    }

    [Fact]
    public void Calls_take_no_memory() => AllocationCheck.ShouldAllocateNothing(() =>
    {
        _order.Clear();
        Call(1);
    });

    /// <summary>Three calls, each with the result of the one before.</summary>
    private async LoopTask CallAsync(int number, List<int> results)
    {
        var result = number;
        for (var i = 0; i < 3; i++)
        {
            var call = Ask(result);
            if (i > 0)
            {
                _order.Add("called");
            }

            result = await call.ConfigureAwait(false);
            _waits = false;
            results.Add(result);
            _order.Add("ended");
        }
    }

    private int Call(int number)
    {
        var call = Ask(number).GetAwaiter();
        call.IsCompleted.ShouldBeTrue();
        return call.GetResult();
    }

    private LoopTask<int> Ask(int number)
    {
        _asked = number;
        return _calls.CallAsync();
    }

    private async LoopTask ServeAsync()
    {
        while (true)
        {
            await _calls.NextAsync().ConfigureAwait(false);
            _order.Add(_asked switch { 2 => "serve 2", 4 => "serve 4", 8 => "serve 8", _ => "serve" });
            if (_waits)
            {
                await _wait.Start().ConfigureAwait(false);
            }

            _calls.SetResult(2 * _asked);
        }
    }
}
