using System.Net;
using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Contracts;

/// <summary>What the loop relies on, whichever way its poller asks. The same tests run over each of them.</summary>
public abstract class PollerContract : IDisposable
{
    /// <summary>A generation and a place, as the loop makes them.</summary>
    private const ulong Token = (0xDEADBEEFul << 32) | 7;

    private readonly List<IDisposable> _open = [];
    private readonly IPoller _poller;

    private protected PollerContract(IPoller poller) => _poller = poller;

    private protected IPoller Poller => _poller;

    public void Dispose()
    {
        _poller.Dispose();
        _open.ForEach(one => one.Dispose());
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void Bytes_that_have_come_are_readable()
    {
        var (ours, theirs) = Pair();
        Watch(ours, Token, Interest.Read);

        theirs.Send("x"u8);

        WaitFor(Token, Interest.Read);
    }

    [Fact]
    public void Room_to_send_is_writable()
    {
        var (ours, _) = Pair();
        Watch(ours, Token, Interest.Write);

        WaitFor(Token, Interest.Write);
    }

    [Fact]
    public void Both_directions_can_be_wanted_at_once()
    {
        var (ours, theirs) = Pair();
        theirs.Send("x"u8);
        Watch(ours, Token, Interest.Read | Interest.Write);

        WaitFor(Token, Interest.Read | Interest.Write);
    }

    [Fact]
    public void What_is_wanted_can_change()
    {
        var (ours, theirs) = Pair();
        Watch(ours, Token, Interest.Write);
        WaitFor(Token, Interest.Write);
        _poller.Arm(Number(ours), Token, Interest.Read);

        theirs.Send("x"u8);

        WaitFor(Token, Interest.Read);
    }

    [Fact]
    public void The_peers_end_is_readable()
    {
        var (ours, theirs) = Pair();
        Watch(ours, Token, Interest.Read);

        theirs.Shutdown(SocketShutdown.Send);

        WaitFor(Token, Interest.Read);
    }

    [Fact]
    public void A_connection_that_breaks_is_readable()
    {
        var (ours, theirs) = Pair();
        Watch(ours, Token, Interest.Read);

        theirs.LingerState = new LingerOption(true, 0);
        theirs.Dispose();

        WaitFor(Token, Interest.Read);
    }

    [Fact]
    public void A_connection_that_is_refused_is_writable()
    {
        using var unused = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var ours = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { Blocking = false });
        Libc.Connect(Number(ours), new SockAddr(IPAddress.Loopback, ((IPEndPoint)unused.LocalEndPoint!).Port));
        Watch(ours, Token, Interest.Write);

        WaitFor(Token, Interest.Write);
    }

    [Fact]
    public void A_wake_up_is_reported_each_time()
    {
        using var wakeUp = new SocketFd(Libc.EventFd().Value);
        _poller.Add(wakeUp.Number, 0);
        for (var i = 0; i < 3; i++)
        {
            _poller.Arm(wakeUp.Number, 0, Interest.Read);
            Libc.Write(wakeUp.Number, [1, 0, 0, 0, 0, 0, 0, 0]).IsError.ShouldBeFalse();

            WaitFor(0, Interest.Read);

            Libc.Read(wakeUp.Number, new byte[8]).Value.ShouldBe(8);
        }
    }

    [Fact]
    public void A_wait_without_time_only_looks() => _poller.Wait(new PollEvent[4], 0).ShouldBe(0);

    [Fact]
    public void What_is_removed_is_not_reported()
    {
        var (ours, theirs) = Pair();
        Watch(ours, Token, Interest.Read);
        theirs.Send("x"u8);
        WaitFor(Token, Interest.Read);

        _poller.Remove(Number(ours));
        ours.Dispose();

        _poller.Wait(new PollEvent[4], 0).ShouldBe(0);
    }

    [Fact]
    public void The_others_stay_when_one_is_removed()
    {
        var pairs = Enumerable.Range(0, 5).Select(_ => Pair()).ToList();
        for (var i = 0; i < pairs.Count; i++)
        {
            Watch(pairs[i].Ours, (ulong)(100 + i), Interest.Read);
        }

        _poller.Remove(Number(pairs[1].Ours));
        pairs[1].Ours.Dispose();
        _poller.Remove(Number(pairs[4].Ours));
        pairs[4].Ours.Dispose();
        int[] left = [0, 2, 3];
        foreach (var i in left)
        {
            pairs[i].Theirs.Send("x"u8);
        }

        Collect(left.Length).ShouldBe(left.Select(i => (ulong)(100 + i)), ignoreOrder: true);
    }

    [Fact]
    public void A_number_that_is_used_again_has_its_new_token()
    {
        var (first, second) = (Pair().Ours, Pair().Ours);
        var number = Number(first);
        Watch(first, Token, Interest.Write);
        WaitFor(Token, Interest.Write);

        _poller.Remove(number);
        Descriptors.Duplicate(Number(second), number);
        Watch(first, Token + (1ul << 32), Interest.Write);

        WaitFor(Token + (1ul << 32), Interest.Write);
    }

    [Fact]
    public void Many_sockets_are_each_reported_though_there_is_room_for_few()
    {
        var pairs = Enumerable.Range(0, 100).Select(_ => Pair()).ToList();
        for (var i = 0; i < pairs.Count; i++)
        {
            pairs[i].Theirs.Send("x"u8);
            Watch(pairs[i].Ours, (ulong)i + 1, Interest.Read);
        }

        Collect(pairs.Count).ShouldBe(Enumerable.Range(1, 100).Select(i => (ulong)i), ignoreOrder: true);
    }

    private protected static int Number(Socket socket) => (int)socket.Handle;

    private protected void Watch(Socket socket, ulong token, Interest interest)
    {
        _poller.Add(Number(socket), token);
        _poller.Arm(Number(socket), token, interest);
    }

    /// <summary>A connection, both ends of it, that is closed after the test.</summary>
    private protected (Socket Ours, Socket Theirs) Pair()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(1);
        var ours = Keep(new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
        ours.Connect(listener.LocalEndPoint!);
        return (ours, Keep(listener.Accept()));
    }

    private T Keep<T>(T one)
        where T : IDisposable
    {
        _open.Add(one);
        return one;
    }

    /// <summary>
    /// Waits until <paramref name="token"/>, and no other, is reported as ready for at least <paramref name="interest"/>.
    /// </summary>
    private void WaitFor(ulong token, Interest interest)
    {
        var events = new PollEvent[4];
        var ready = Interest.None;
        while ((ready & interest) != interest)
        {
            foreach (var happened in events.AsSpan(0, _poller.Wait(events, -1)))
            {
                happened.Token.ShouldBe(token);
                ready |= happened.Ready;
            }
        }
    }

    /// <summary>Waits, with room for a few events, until <paramref name="count"/> different tokens were reported as readable.</summary>
    private HashSet<ulong> Collect(int count)
    {
        var tokens = new HashSet<ulong>();
        var events = new PollEvent[3];
        while (tokens.Count < count)
        {
            foreach (var happened in events.AsSpan(0, _poller.Wait(events, -1)))
            {
                if ((happened.Ready & Interest.Read) != 0)
                {
                    tokens.Add(happened.Token);
                }
            }
        }

        return tokens;
    }
}
