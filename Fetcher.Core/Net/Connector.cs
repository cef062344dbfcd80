using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Net;

/// <summary>Opens connections: looks the name up, connects, speaks the TLS handshake. One a loop.</summary>
internal sealed class Connector(
    EventLoop loop,
    IReadiness readiness,
    Func<LoopSocket, SocketStream> open,
    ConnectionPool pool,
    Resolver resolver,
    NetworkSetup network,
    SocketBudget sockets,
    FetchOptions options)
{
    /// <summary>How often to try a Unix socket again that is busy, in nanoseconds.</summary>
    private const long BusyPause = 10_000_000;

    private readonly long _connectTimeout = Nanoseconds.From(options.ConnectTimeout);

    /// <summary>Opens a connection to <paramref name="endpoint"/>.</summary>
    /// <param name="endpoint">Where the URL points.</param>
    /// <param name="totalDeadline">When the whole transfer has to be over, on the loop's clock in nanoseconds.</param>
    /// <param name="times">Is told when each step was done, also when a later one fails.</param>
    /// <param name="protocol">What is offered by ALPN, over TLS.</param>
    /// <exception cref="FetchException">The name has no address, no address could be reached in time, or TLS failed.</exception>
    /// <exception cref="NoRoomException">There is no descriptor or no local port left.</exception>
    public async LoopTask<Connection> ConnectAsync(
        Endpoint endpoint, long totalDeadline, ConnectTimes times, HttpProtocol protocol = HttpProtocol.Http11)
    {
        var deadline = Math.Min(loop.GetTimestamp() + _connectTimeout, totalDeadline);
        var route = network.Routes.To(endpoint);
        IPAddress? address = null;
        LoopSocket socket;
        try
        {
            // Resolved and dialled here, not in a method of its own: each await that one URL stands in costs (bench/NOTES.md).
            if (route.UnixSocket is { } path)
            {
                times.NameLookup = loop.GetTimestamp();
                socket = await DialAsync(new Target(path), deadline, default).ConfigureAwait(false);
            }
            else
            {
                var addresses = await ResolveAsync(route.Host, route.Port, deadline).ConfigureAwait(false);
                times.NameLookup = loop.GetTimestamp();
                (socket, address) = addresses.Length == 1
                    ? (await DialAsync(new Target(route.Host, addresses[0], route.Port), deadline, default).ConfigureAwait(false), addresses[0])
                    : await ReachAsync(route.Host, route.Port, addresses, deadline).ConfigureAwait(false);
            }

            times.Connect = loop.GetTimestamp();
        }
        catch (FetchException e) when (route.Proxy is not null)
        {
            throw ProxyHandshake.Explain(route.Proxy, e);
        }

        var stream = open(socket);
        stream.Readiness = readiness;
        stream.TotalDeadline = deadline;
        return endpoint.IsHttps || route.Proxy is not null
            ? await PassAsync(stream, address, route, endpoint, times, protocol).ConfigureAwait(false)
            : Opened(stream, transport: stream, address, route);
    }

    /// <summary>Passes the proxy and speaks the TLS handshake, where there are.</summary>
    private async LoopTask<Connection> PassAsync(
        SocketStream stream, IPAddress? address, Route route, Endpoint endpoint, ConnectTimes times, HttpProtocol protocol)
    {
        var deadline = stream.TotalDeadline;
        var isHttp2 = false;
        try
        {
            if (endpoint.IsHttps || route.Proxy is { Scheme: ProxyScheme.Https })
            {
                await LoadTrustAsync(deadline).ConfigureAwait(false);
            }

            stream.Step = route.Proxy is null ? null : (Failures.ProxySlow, route.Proxy.ToString());
            var transport = route.Proxy is null ? stream : await PassProxyAsync(stream, route, deadline).ConfigureAwait(false);
            TlsTransport? underTls = null;
            if (endpoint.IsHttps)
            {
                stream.Step = (Failures.HandshakeSlow, endpoint.Host);
                underTls = new TlsTransport(transport);
                (transport, isHttp2) = await SecureAsync(underTls, endpoint.Host, protocol).ConfigureAwait(false);
                times.AppConnect = loop.GetTimestamp();
            }

            stream.Step = null;
            return Opened(stream, transport, address, route, underTls, isHttp2);
        }
        catch
        {
            await stream.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private static Connection Opened(
        SocketStream stream, Stream transport, IPAddress? address, Route route, TlsTransport? underTls = null, bool isHttp2 = false) =>
        new(stream, transport == stream ? null : transport, address?.ToString(), address is null ? 0 : route.Port)
        {
            UnderTls = underTls,
            IsHttp2 = isHttp2,
        };

    private async ValueTask<(Stream Tls, bool IsHttp2)> SecureAsync(Stream transport, string host, HttpProtocol protocol)
    {
        var offered = TlsSettings.Offered(protocol);
        if (loop.Observer is not { } observer)
        {
            var plain = await network.Tls.HandshakeAsync(
                new SslStream(transport, leaveInnerStreamOpen: false), host, offered, loop.Stopping).ConfigureAwait(false);
            return (plain, IsHttp2(plain));
        }

        var within = new WatchedStream(transport, observer, Activity.Other, after: Activity.Tls);
        observer.Enter(Activity.Tls);
        var tls = await network.Tls.HandshakeAsync(
            new SslStream(within, leaveInnerStreamOpen: false), host, offered, loop.Stopping).ConfigureAwait(false);
        observer.Enter(Activity.Other);
        return (new WatchedStream(tls, observer, Activity.Tls, after: Activity.Other), IsHttp2(tls));
    }

    private static bool IsHttp2(SslStream tls) => tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;

    private async ValueTask<Stream> PassProxyAsync(SocketStream stream, Route route, long deadline)
    {
        var host = route.ResolvesTunnelHost
            ? (await ResolveAsync(route.TunnelHost!, route.TunnelPort, deadline).ConfigureAwait(false))[0].ToString()
            : route.TunnelHost;
        return await network.Proxy.OpenAsync(stream, route, host, loop.Stopping).ConfigureAwait(false);
    }

    private async ValueTask LoadTrustAsync(long deadline)
    {
        if (!await loop.WaitForAsync(SystemTrust.Loaded, deadline).ConfigureAwait(false))
        {
            throw Failures.TrustSlow.Of().Thrown();
        }
    }

    private async LoopTask<IPAddress[]> ResolveAsync(string host, int port, long deadline)
    {
        var lookUp = resolver.ResolveAsync(host, port);
        return await loop.WaitForAsync(lookUp, deadline).ConfigureAwait(false)
            ? await lookUp.ConfigureAwait(false)
            : throw Failures.LookUpSlow.Of(host).Thrown();
    }

    /// <summary>
    /// Connects to the first address that answers. On a loop they race; a blocking mode can only ask one after the other.
    /// </summary>
    private LoopTask<(LoopSocket Socket, IPAddress Address)> ReachAsync(string host, int port, IPAddress[] addresses, long deadline) =>
        readiness is not EventLoop
            ? ReachInTurnAsync(host, port, addresses, deadline)
            : ReachInRaceAsync(host, port, addresses, deadline);

    private async LoopTask<(LoopSocket Socket, IPAddress Address)> ReachInRaceAsync(string host, int port, IPAddress[] addresses, long deadline) =>
        await new AddressRace<LoopSocket>(
            loop.TimeProvider,
            async (address, over) => await DialAsync(new Target(host, address, port), deadline, over).ConfigureAwait(false),
            loop.Stopping).RunAsync(addresses).ConfigureAwait(false);

    private async LoopTask<(LoopSocket Socket, IPAddress Address)> ReachInTurnAsync(
        string host, int port, IPAddress[] addresses, long deadline)
    {
        for (var i = 0; ; i++)
        {
            // The last address may use all the time that is left, the others an equal share of it.
            var now = loop.GetTimestamp();
            var share = now + Math.Max(0, (deadline - now) / (addresses.Length - i));
            try
            {
                return (await DialAsync(new Target(host, addresses[i], port), share, default).ConfigureAwait(false), addresses[i]);
            }
            catch (FetchException) when (i < addresses.Length - 1)
            {
                // The next address may be alive; the last one's failure is told.
            }
        }
    }

    /// <summary>A socket for <paramref name="target"/>; a connection that waits in the pool gives way where descriptors are scarce.</summary>
    private LoopSocket Open(Target target)
    {
        var family = target.Address.Family;
        var opened = LoopSocket.TryOpen(loop, family, out var socket);
        while (opened.Error is Errno.EMFILE or Errno.ENFILE && pool.DropOldest())
        {
            // A connection that waits for a use it may never have is worth less than one that is needed now.
            opened = LoopSocket.TryOpen(loop, family, out socket);
        }

        if (socket is null)
        {
            throw opened.Error is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM
                ? new NoRoomException(target.Name, opened.Message)
                : Unreachable(target, opened);
        }

        return socket;
    }

    private async LoopTask<LoopSocket> DialAsync(Target target, long deadline, CancellationToken over)
    {
        var socket = Open(target);
        using var giveUp = over.CanBeCanceled ? over.Register(socket.Cancel) : default;
        try
        {
            if (target.Address.Family != AddressFamily.Unix)
            {
                network.Binding?.Apply(socket, target.Address.Family);
            }

            while (true)
            {
                readiness.Prepare(socket, Interest.Write, deadline);
                var result = socket.TryConnect(target.Address);
                if (!result.IsError)
                {
                    return socket;
                }

                // A Unix socket says EAGAIN while too many wait to be accepted, and no poller tells when that is over (connect(2)).
                var now = loop.GetTimestamp();
                if (result.WouldBlock && now < deadline)
                {
                    await loop.DelayUntilAsync(Math.Min(now + BusyPause, deadline), over).ConfigureAwait(false);
                    continue;
                }

                if (result.Error == Errno.EINTR)
                {
                    // The handshake goes on, and the next call waits for it, or says that it is under way.
                    continue;
                }

                // The handshake is under way. A blocking connect says so only when its time is over.
                if (result.Error is not (Errno.EINPROGRESS or Errno.EALREADY))
                {
                    throw Refused(target, result);
                }

                if (!await readiness.WaitAsync(socket, Interest.Write, deadline).ConfigureAwait(false))
                {
                    throw Failures.ConnectSlow.Of(target.Name).Thrown();
                }
            }
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private Exception Refused(Target target, SysResult result)
    {
        if (result.Error == Errno.EADDRNOTAVAIL && sockets.FindPortsScarce(target.Address))
        {
            return new NoRoomException(target.Name, result.Message);
        }

        loop.ThrowIfStopping();
        return Unreachable(target, result);
    }

    private static FetchException Unreachable(Target target, SysResult result) => Failures.NotConnected.Of(target.Name, result.Message).Thrown();

    /// <summary>What is connected to, and what it is called should that fail.</summary>
    private readonly struct Target
    {
        private readonly string _host;
        private readonly IPAddress? _ip;

        public Target(string host, IPAddress ip, int port)
        {
            (_host, _ip) = (host, ip);
            Address = new SockAddr(ip, port);
        }

        public Target(string unixPath)
        {
            _host = unixPath;
            Address = new SockAddr(unixPath);
        }

        public SockAddr Address { get; }

        public string Name => _ip is null ? $"the socket {_host}" : $"{_host} ({_ip}) port {Address.Port}";
    }
}
