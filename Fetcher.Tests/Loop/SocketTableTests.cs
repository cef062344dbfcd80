using Fetcher.Core.Loop;

namespace Fetcher.Tests.Loop;

public sealed class SocketTableTests
{
    private readonly SocketTable<string> _sockets = new();

    [Fact]
    public void A_socket_is_found_by_its_token_until_it_is_removed()
    {
        var token = _sockets.Add("a");

        _sockets.Find(token).ShouldBe("a");
        _sockets.Remove(token);
        _sockets.Find(token).ShouldBeNull();
    }

    [Fact]
    public void No_token_is_that_of_the_wake_up()
    {
        Enumerable.Range(0, 100).Select(i => _sockets.Add($"{i}")).ShouldNotContain(0ul);
        _sockets.Find(0).ShouldBeNull();
    }

    [Fact]
    public void An_event_of_a_removed_socket_is_not_one_of_the_next_in_its_place()
    {
        var old = _sockets.Add("old");
        _sockets.Remove(old);
        var next = _sockets.Add("next");

        ((uint)next).ShouldBe((uint)old, "the place is used again");
        next.ShouldNotBe(old);
        _sockets.Find(old).ShouldBeNull();
        _sockets.Find(next).ShouldBe("next");
    }

    [Fact]
    public void Places_are_used_again_so_that_the_table_grows_with_what_is_in_it_only()
    {
        for (var i = 0; i < 10_000; i++)
        {
            _sockets.Remove(_sockets.Add("passing"));
        }

        ((uint)_sockets.Add("last")).ShouldBe(1u);
    }

    [Fact]
    public void It_grows()
    {
        var tokens = Enumerable.Range(0, 1000).Select(i => _sockets.Add($"{i}")).ToArray();

        tokens.Distinct().Count().ShouldBe(1000);
        tokens.Select(token => _sockets.Find(token)).ShouldBe(Enumerable.Range(0, 1000).Select(i => $"{i}"));
        _sockets.All.Count.ShouldBe(1000);
    }

    [Fact]
    public void All_are_those_that_have_not_been_removed()
    {
        _sockets.Add("a");
        var removed = _sockets.Add("b");
        _sockets.Add("c");
        _sockets.Remove(removed);

        _sockets.All.ShouldBe(["a", "c"]);
    }
}
