using Fetcher.Core.Net;

namespace Fetcher.Tests.Net;

/// <summary>How long a transfer waits for room for its connection.</summary>
public sealed class PatienceTests
{
    private readonly SocketBudget _sockets = new(10);

    [Fact]
    public void It_ends_when_the_run_has_no_connection_for_the_whole_limit()
    {
        var patience = new Patience(_sockets, limit: 100);

        patience.IsOver(now: 5).ShouldBeFalse();
        patience.IsOver(now: 104).ShouldBeFalse();
        patience.IsOver(now: 105).ShouldBeTrue();
    }

    [Fact]
    public void It_begins_anew_while_the_run_has_a_connection()
    {
        var patience = new Patience(_sockets, limit: 100);
        patience.IsOver(now: 0).ShouldBeFalse();
        Open();
        patience.IsOver(now: 200).ShouldBeFalse();
        _sockets.NoteClosed();

        patience.IsOver(now: 299).ShouldBeFalse();
        patience.IsOver(now: 300).ShouldBeTrue();
    }

    [Fact]
    public void A_connection_that_came_and_went_unseen_counts_too()
    {
        var patience = new Patience(_sockets, limit: 100);
        patience.IsOver(now: 0).ShouldBeFalse();
        Open();
        _sockets.NoteClosed();

        patience.IsOver(now: 200).ShouldBeFalse();
        patience.IsOver(now: 300).ShouldBeTrue();
    }

    private void Open()
    {
        _sockets.TryTake().ShouldBeTrue();
        _sockets.NoteOpened();
    }
}
