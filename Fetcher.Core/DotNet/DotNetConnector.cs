using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Net;

namespace Fetcher.Core.DotNet;

/// <summary>
/// Opens connections for .NET's own client by the same rules as <see cref="Connector"/> does for the loops, on .NET's sockets.
/// </summary>
internal sealed class DotNetConnector(
    Resolver resolver, NetworkSetup network, SocketBudget sockets, FetchOptions options, Http2Connections http2, TimeProvider clock)
{
    private static readonly TimeSpan BusyPause = TimeSpan.FromMilliseconds(10);

    /// <summary>Opens a connection for the exchange that travels with the context's request; the stream speaks TLS for https.</summary>
    /// <exception cref="FetchException">The name has no address, no address could be reached in time, or TLS failed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        context.InitialRequestMessage.Options.TryGetValue(DotNetCall.Key, out var exchange);
        var endpoint = exchange!.Endpoint;
        var patience = new Patience(sockets, Nanoseconds.From(options.ConnectTimeout));
        while (true)
        {
            if (sockets.TryTake())
            {
                try
                {
                    return await ConnectInTimeAsync(exchange, endpoint, cancellation).ConfigureAwait(false);
                }
                catch (NoRoomException e)
                {
                    sockets.GiveBack();
                    if (patience.IsOver(MonotonicClock.Now(clock)))
                    {
                        throw e.ToFailure();
                    }
                }
                catch
                {
                    sockets.GiveBack();
                    throw;
                }
            }

            if (exchange.Over.IsCancellationRequested)
            {
                throw Failures.TimeOverBefore.Of("there was room for a connection").Thrown();
            }

            await Task.Delay(Nanoseconds.ToTimeSpan(SocketBudget.Pause), clock, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<Stream> ConnectInTimeAsync(DotNetCall exchange, Endpoint endpoint, CancellationToken cancellation)
    {
        var times = exchange.Connecting = new ConnectTimes { Begun = MonotonicClock.Now(clock) };
        var left = Nanoseconds.ToTimeSpan(Math.Max(0, exchange.Deadline - MonotonicClock.Now(clock)));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(left < options.ConnectTimeout ? left : options.ConnectTimeout);
        try
        {
            return await ConnectAsync(exchange, endpoint, times, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var route = network.Routes.To(endpoint);
            throw (times.NameLookup == 0 ? Failures.LookUpSlow.Of(route.Host)
                : times.Connect == 0 ? Failures.ConnectSlow.Of(route.Host)
                : route.Proxy is not null && !times.IsPastProxy ? Failures.ProxySlow.Of(route.Proxy)
                : Failures.HandshakeSlow.Of(endpoint.Host)).Thrown();
        }
    }

    private async ValueTask<Stream> ConnectAsync(DotNetCall exchange, Endpoint endpoint, ConnectTimes times, CancellationToken cancellation)
    {
        var route = network.Routes.To(endpoint);
        var connection = new DotNetConnection(await ReachAsync(route, times, cancellation).ConfigureAwait(false), times);
        try
        {
            Stream stream = connection;
            if (route.Proxy is not null)
            {
                stream = await PassProxyAsync(connection, route, cancellation).ConfigureAwait(false);
                times.IsPastProxy = true;
            }

            var isHttp2 = options.Protocol == HttpProtocol.Http2PriorKnowledge;
            if (endpoint.IsHttps)
            {
                // A stream that speaks TLS already is taken by the client as it is.
                var tls = await network.Tls.HandshakeAsync(
                    connection.Secure(stream), endpoint.Host, TlsSettings.Offered(options.Protocol), cancellation).ConfigureAwait(false);
                times.AppConnect = MonotonicClock.Now(clock);
                stream = tls;
                var isChosen = tls.NegotiatedApplicationProtocol == SslApplicationProtocol.Http2;
                isHttp2 = isChosen || !isHttp2 ? isChosen : throw Failures.Http2NotSpoken.Of(endpoint.Host).Thrown();
            }

            if (isHttp2)
            {
                connection.OpenShared(http2, endpoint);
                exchange.Opened = connection;
            }
            else
            {
                connection.Open(isPlain: stream == connection);
            }

            connection.Budget = sockets;
            sockets.NoteOpened();
            return stream;
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async ValueTask<Socket> ReachAsync(Route route, ConnectTimes times, CancellationToken cancellation)
    {
        if (route.UnixSocket is { } path)
        {
            times.NameLookup = MonotonicClock.Now(clock);
            var connected = await DialUnixAsync(path, cancellation).ConfigureAwait(false);
            times.Connect = MonotonicClock.Now(clock);
            return connected;
        }

        try
        {
            var addresses = await resolver.ResolveAsync(route.Host, route.Port).WaitAsync(cancellation).ConfigureAwait(false);
            times.NameLookup = MonotonicClock.Now(clock);
            var race = new AddressRace<Socket>(
                clock,
                (address, over) => DialAsync($"{route.Host} ({address}) port {route.Port}", new IPEndPoint(address, route.Port), over),
                cancellation);
            var (socket, _) = await race.RunAsync(addresses).ConfigureAwait(false);
            times.Connect = MonotonicClock.Now(clock);
            return socket;
        }
        catch (FetchException e) when (route.Proxy is not null)
        {
            throw ProxyHandshake.Explain(route.Proxy, e);
        }
    }

    private async ValueTask<Stream> PassProxyAsync(DotNetConnection connection, Route route, CancellationToken cancellation)
    {
        var host = route.ResolvesTunnelHost
            ? (await resolver.ResolveAsync(route.TunnelHost!, route.TunnelPort).WaitAsync(cancellation).ConfigureAwait(false))[0].ToString()
            : route.TunnelHost;

        return await network.Proxy.OpenAsync(connection, route, host, cancellation).ConfigureAwait(false);
    }

    private async ValueTask<Socket> DialUnixAsync(string path, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                return await DialAsync($"the socket {path}", new UnixDomainSocketEndPoint(path), cancellation).ConfigureAwait(false);
            }
            catch (FetchException e) when (e.InnerException is SocketException { SocketErrorCode: SocketError.WouldBlock })
            {
                // Too many wait to be accepted, and nothing tells when that is over (connect(2)).
                await Task.Delay(BusyPause, clock, cancellation).ConfigureAwait(false);
            }
        }
    }

    private async ValueTask<Socket> DialAsync(string name, EndPoint target, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            var isUnix = target is UnixDomainSocketEndPoint;
            socket = new Socket(target.AddressFamily, SocketType.Stream, isUnix ? ProtocolType.Unspecified : ProtocolType.Tcp);
            if (!isUnix)
            {
                socket.NoDelay = true;
                if (target is IPEndPoint { Address.IsIPv4MappedToIPv6: true })
                {
                    // An IPv4 address written as an IPv6 one is reached over IPv4.
                    socket.DualMode = true;
                }

                network.Binding?.Apply(socket);
            }

            await socket.ConnectAsync(target, cancellation).ConfigureAwait(false);
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
                || (e.SocketErrorCode is SocketError.AddressNotAvailable && OperatingSystem.IsLinux() && target is IPEndPoint ip
                    && sockets.FindPortsScarce(new SockAddr(ip.Address, ip.Port)))
                ? new NoRoomException(name, e.Message)
                : Failures.NotConnected.Of(name, e.Message).Thrown(e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
