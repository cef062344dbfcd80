using System.Net;
using Fetcher.Core;
using Fetcher.Core.Net;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Net;

/// <summary>Addresses race as RFC 8305 has it, by a clock that only the test moves.</summary>
public sealed class AddressRaceTests : IDisposable
{
    private static readonly IPAddress A = IPAddress.Parse("2001:db8::1"), B = IPAddress.Parse("192.0.2.1"), C = IPAddress.Parse("2001:db8::2");

    private readonly FakeTimeProvider _clock = new();
    private readonly Dictionary<IPAddress, Attempt> _attempts = [];
    private readonly List<IPAddress> _dialled = [];
    private readonly CancellationTokenSource _stop = new();
    private bool _endsLate;

    [Fact]
    public async Task An_address_that_stays_silent_costs_the_delay_and_not_the_timeout()
    {
        var race = Start(A, B);
        _clock.Advance(TimeSpan.FromMilliseconds(249));
        _dialled.ShouldBe([A], "the first has its time");
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        _dialled.ShouldBe([A, B]);

        var won = new Socket();
        _attempts[B].Succeed(won);

        (await race).ShouldBe((won, B));
        _attempts[A].IsGivenUp.ShouldBeTrue("nobody waits for it any more");
        won.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task An_address_that_fails_is_followed_by_the_next_at_once()
    {
        var race = Start(A, B);

        _attempts[A].Fail("refused");

        _dialled.ShouldBe([A, B]);
        var won = new Socket();
        _attempts[B].Succeed(won);
        (await race).ShouldBe((won, B));
    }

    [Fact]
    public async Task The_silent_first_may_still_win_and_the_later_connection_is_closed()
    {
        _endsLate = true;
        var race = Start(A, B);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Socket won = new(), late = new();

        _attempts[A].Succeed(won);
        (await race).ShouldBe((won, A));
        _attempts[B].Succeed(late);

        late.IsClosed.ShouldBeTrue();
        won.IsClosed.ShouldBeFalse();
    }

    [Fact]
    public async Task Each_further_address_waits_for_a_delay_of_its_own()
    {
        var race = Start(A, B, C);
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        _dialled.ShouldBe([A, B]);
        _attempts[A].Fail("refused");
        _dialled.ShouldBe([A, B, C], "a failure makes room for the next");

        _attempts[B].Fail("refused");
        _attempts[C].Fail("unreachable");

        (await Should.ThrowAsync<FetchException>(race)).Message.ShouldBe("unreachable", "the last failure is told");
    }

    [Fact]
    public async Task A_stop_ends_the_race()
    {
        var race = Start(A, B);

        _stop.Cancel();

        await Should.ThrowAsync<OperationCanceledException>(race);
        _attempts.Values.ShouldAllBe(attempt => attempt.IsGivenUp);
    }

    public void Dispose() => _stop.Dispose();

    private Task<(Socket Socket, IPAddress Address)> Start(params IPAddress[] addresses) =>
        new AddressRace<Socket>(_clock, DialAsync, _stop.Token).RunAsync(addresses).AsTask();

    private ValueTask<Socket> DialAsync(IPAddress address, CancellationToken over)
    {
        _dialled.Add(address);
        var attempt = _attempts[address] = new Attempt(_endsLate, over);
        return new ValueTask<Socket>(attempt.Task);
    }

    private sealed class Attempt
    {
        // Continuations run at once, as they do on a loop, so that the test sees what a step leads to.
        private readonly TaskCompletionSource<Socket> _done = new();

        public Attempt(bool endsLate, CancellationToken over) => over.Register(() =>
        {
            IsGivenUp = true;
            if (!endsLate)
            {
                _done.TrySetCanceled(over);
            }
        });

        public bool IsGivenUp { get; private set; }

        public Task<Socket> Task => _done.Task;

        public void Succeed(Socket socket) => _done.SetResult(socket);

        public void Fail(string why) => _done.SetException(new FetchError(FetchErrorKind.Connect, why, 7).Thrown());
    }

    private sealed class Socket : IDisposable
    {
        public bool IsClosed { get; private set; }

        public void Dispose() => IsClosed = true;
    }
}
