using System.Net;
using System.Net.Sockets;
using Fetcher.Core.Interop;

namespace Fetcher.Tests.Loop.Watching;

/// <summary>
/// Two ends of a connection. The kernel stamps what the client receives, and does so already: it begins some time after the first socket asks for it, and goes
/// on for as long as there is one.
/// </summary>
internal sealed class StampedPair : IDisposable
{
    public StampedPair()
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        Client = new Socket(SocketType.Stream, ProtocolType.Tcp);
        Libc.StampReceived(Fd).IsError.ShouldBeFalse();
        Client.Connect(listener.LocalEndPoint!);
        Server = listener.Accept();
        Server.NoDelay = true;
        SpinWait.SpinUntil(IsStamped, TimeSpan.FromSeconds(30)).ShouldBeTrue();
    }

    public Socket Client { get; }

    public Socket Server { get; }

    public int Fd => (int)Client.Handle;

    /// <summary>Sends a byte to the client.</summary>
    /// <returns>Between which moments of CLOCK_REALTIME.</returns>
    public (long From, long To) Send()
    {
        var from = Libc.RealTime();
        Server.Send("x"u8).ShouldBe(1);
        return (from, Libc.RealTime());
    }

    public void Dispose()
    {
        Client.Dispose();
        Server.Dispose();
    }

    private bool IsStamped()
    {
        Send();
        Libc.PeekStamped(Fd, out var stamp).IsError.ShouldBeFalse();
        Client.Receive(new byte[1]).ShouldBe(1);
        return stamp != 0;
    }
}
