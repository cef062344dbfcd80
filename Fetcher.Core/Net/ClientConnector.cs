using System.Net;
using System.Net.Sockets;

namespace Fetcher.Core.Net;

/// <summary>
/// Opens connections for .NET's own client by the same rules as <see cref="Connector"/> does for the loops, on .NET's sockets.
/// </summary>
internal sealed class ClientConnector(Resolver resolver, TlsSettings tls, SocketBudget sockets, FetchOptions options, TimeProvider clock)
{
    private volatile bool _hasIPv4, _hasIPv6;

    /// <summary>Opens a connection for the exchange that travels with the context's request; the stream speaks TLS for https.</summary>
    /// <exception cref="FetchException">The name has no address, no address could be reached in time, or TLS failed.</exception>
    public async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellation)
    {
        context.InitialRequestMessage.Options.TryGetValue(ClientExchange.Key, out var exchange);
        var endpoint = exchange!.Endpoint;
        var patience = Nanoseconds.Now(clock) + Nanoseconds.From(options.ConnectTimeout);
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
                    if (sockets.Open == 0 && Nanoseconds.Now(clock) >= patience)
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
                throw new FetchException(FetchErrorKind.Timeout, "the time for the whole URL was over before there was room for a connection", 28);
            }

            await Task.Delay(Nanoseconds.ToTimeSpan(SocketBudget.Pause), clock, cancellation).ConfigureAwait(false);
        }
    }

    private async ValueTask<Stream> ConnectInTimeAsync(ClientExchange exchange, Endpoint endpoint, CancellationToken cancellation)
    {
        var times = exchange.Connecting = new ConnectTimes();
        var left = Nanoseconds.ToTimeSpan(Math.Max(0, exchange.Deadline - Nanoseconds.Now(clock)));
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(left < options.ConnectTimeout ? left : options.ConnectTimeout);
        try
        {
            return await ConnectAsync(endpoint, times, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var step = times.NameLookup == 0 ? "looking up" : times.Connect == 0 ? "connecting to" : "the TLS handshake with";
            throw new FetchException(FetchErrorKind.Timeout, $"{step} {endpoint.Host} took too long", 28);
        }
    }

    private async ValueTask<Stream> ConnectAsync(Endpoint endpoint, ConnectTimes times, CancellationToken cancellation)
    {
        var (host, port) = Route.To(endpoint, options);
        var addresses = await resolver.ResolveAsync(host, port).WaitAsync(cancellation).ConfigureAwait(false);
        times.NameLookup = Nanoseconds.Now(clock);

        var race = new AddressRace<Socket>(clock, (address, over) => DialAsync(host, address, port, over), cancellation);
        var (socket, _) = await race.RunAsync(addresses).ConfigureAwait(false);
        times.Connect = Nanoseconds.Now(clock);

        var connection = new ClientConnection(socket, times);
        Stream stream = connection;
        if (endpoint.IsHttps)
        {
            // On failure the connection is closed with the TLS stream. A stream that speaks TLS already is taken by the client as it is.
            stream = await tls.HandshakeAsync(connection, endpoint.Host, cancellation).ConfigureAwait(false);
            times.AppConnect = Nanoseconds.Now(clock);
        }

        connection.Open();
        connection.OnClosed = sockets.GiveBack;
        return stream;
    }

    private async ValueTask<Socket> DialAsync(string host, IPAddress address, int port, CancellationToken cancellation)
    {
        Socket? socket = null;
        try
        {
            socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            await socket.ConnectAsync(new IPEndPoint(address, port), cancellation).ConfigureAwait(false);
            _hasIPv4 |= address.AddressFamily == AddressFamily.InterNetwork;
            _hasIPv6 |= address.AddressFamily == AddressFamily.InterNetworkV6;
            return socket;
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            var message = $"could not connect to {host} ({address}) port {port}: {e.Message}";

            // As long as no attempt has got a port, it rather means that this machine has no address of the kind.
            var hasAddress = address.AddressFamily == AddressFamily.InterNetwork ? _hasIPv4 : _hasIPv6;
            throw e.SocketErrorCode is SocketError.TooManyOpenSockets or SocketError.NoBufferSpaceAvailable
                || (e.SocketErrorCode is SocketError.AddressNotAvailable && hasAddress)
                ? new NoRoomException(message)
                : new FetchException(FetchErrorKind.Connect, message, 7, e);
        }
        catch
        {
            socket?.Dispose();
            throw;
        }
    }
}
