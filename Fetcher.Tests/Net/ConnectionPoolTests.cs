using System.Net.Sockets;
using System.Text;
using Fetcher.Core.Loop;
using Fetcher.Core.Net;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Net;

/// <summary>Which connection is kept, which is taken, and which is given up.</summary>
public sealed class ConnectionPoolTests : IDisposable
{
    private readonly EventLoop _loop = new(new EpollPoller());
    private readonly List<ConnectionPool> _pools = [];

    public void Dispose()
    {
        _pools.ForEach(pool => pool.Dispose());
        _loop.Dispose();
    }

    [Fact]
    public void The_connection_used_last_is_taken_first()
    {
        var pool = NewPool(capacity: 8);
        var (first, second, third) = (Give(pool, "a"), Give(pool, "a"), Give(pool, "a"));

        Take(pool, "a").ShouldBe(third);
        Take(pool, "a").ShouldBe(second);
        Take(pool, "a").ShouldBe(first);
        Take(pool, "a").ShouldBeNull();
    }

    [Fact]
    public void An_origin_gets_its_own_connections_only()
    {
        var pool = NewPool(capacity: 8);
        var a = Give(pool, "a");
        var b = Give(pool, "b");

        Take(pool, "c").ShouldBeNull();
        Take(pool, "a").ShouldBe(a);
        Take(pool, "a").ShouldBeNull();
        Take(pool, "b").ShouldBe(b);
    }

    [Fact]
    public void Over_the_capacity_the_one_that_was_idle_longest_is_closed()
    {
        var pool = NewPool(capacity: 2);
        Give(pool, "a");
        var b = Give(pool, "b");
        var c = Give(pool, "c");

        Take(pool, "a").ShouldBeNull();
        Take(pool, "b").ShouldBe(b);
        Take(pool, "c").ShouldBe(c);
    }

    [Fact]
    public void Nothing_is_kept_without_a_capacity()
    {
        var pool = NewPool(capacity: 0);
        Give(pool, "a");

        Take(pool, "a").ShouldBeNull();
    }

    [Fact]
    public void An_origin_whose_older_connections_were_closed_keeps_the_latest()
    {
        // Of more origins than there is room for, those without a connection are forgotten; the latest connection counts as one.
        var pool = NewPool(capacity: 2);
        Give(pool, "a");
        Give(pool, "b");
        var latest = Give(pool, "a");
        var other = Give(pool, "c");

        Take(pool, "b").ShouldBeNull();
        Take(pool, "c").ShouldBe(other);
        Take(pool, "a").ShouldBe(latest);
        pool.DropOldest().ShouldBeFalse();
    }

    [Fact]
    public void A_connection_comes_back_to_an_origin_that_was_forgotten_meanwhile()
    {
        // Of more origins than there is room for, one whose last idle connection is taken is forgotten; another of its connections may be in use then.
        var pool = NewPool(capacity: 2);
        var (first, second) = (Give(pool, "a"), Give(pool, "a"));
        pool.TryTake("a"u8).ShouldBe(second);
        pool.TryTake("a"u8).ShouldBe(first);
        var b = Give(pool, "b");
        pool.TryTake("b"u8).ShouldBe(b);
        Give(pool, "c");
        pool.Give(first, "a"u8);
        pool.TryTake("a"u8).ShouldBe(first);

        pool.Give(second, "a"u8);
        pool.Give(b, "b"u8);

        Take(pool, "a").ShouldBe(second);
    }

    [Fact]
    public void All_are_closed_one_after_the_other()
    {
        var pool = NewPool(capacity: 8);
        Give(pool, "a");
        Give(pool, "b");

        pool.DropOldest().ShouldBeTrue();
        Take(pool, "a").ShouldBeNull();
        pool.DropOldest().ShouldBeTrue();
        pool.DropOldest().ShouldBeFalse();
        Take(pool, "b").ShouldBeNull();
    }

    private ConnectionPool NewPool(int capacity)
    {
        var pool = new ConnectionPool(new NoReadiness(), capacity);
        _pools.Add(pool);
        return pool;
    }

    private Connection Give(ConnectionPool pool, string origin)
    {
        LoopSocket.TryOpen(_loop, AddressFamily.InterNetwork, out var socket).IsError.ShouldBeFalse();
        var connection = new Connection(new ReadinessStream(_loop, socket!), tls: null, remoteIp: null, remotePort: 0);
        pool.Give(connection, Encoding.ASCII.GetBytes(origin));
        return connection;
    }

    /// <summary>Takes a connection; it is closed with the others at the end, which closing it here does not change.</summary>
    private static Connection? Take(ConnectionPool pool, string origin)
    {
        var connection = pool.TryTake(Encoding.ASCII.GetBytes(origin));
        connection?.Dispose();
        return connection;
    }
}
