using System.Text;
using Fetcher.Core.Net;

namespace Fetcher.Core.Http;

/// <summary>Asks an HTTP proxy for a tunnel by CONNECT (RFC 9110, section 9.3.6).</summary>
internal sealed class HttpTunnel(FetchOptions options) : IHttpTunnel
{
    private const int MaxInterimResponses = 32;

    public async ValueTask OpenAsync(Stream proxy, ProxyAddress address, string host, int port, CancellationToken cancellation)
    {
        await proxy.WriteAsync(Encoding.UTF8.GetBytes(Request(address, host, port)), cancellation).ConfigureAwait(false);
        var status = await ReadStatusAsync(proxy, cancellation).ConfigureAwait(false);
        if (status == 407)
        {
            throw Refused(address.Credentials is null ? "it wants a user name and password (407)" : "it does not accept the user name and password (407)");
        }

        if (status is < 200 or > 299)
        {
            throw Refused($"it answered CONNECT with {status}", mayPass: status is 429 or >= 500);
        }
    }

    private string Request(ProxyAddress address, string host, int port)
    {
        var authority = host.Contains(':', StringComparison.Ordinal) ? $"[{host}]:{port}" : $"{host}:{port}";
        var agent = options.UserAgent.Length > 0 ? $"User-Agent: {options.UserAgent}\r\n" : "";
        return $"CONNECT {authority} HTTP/1.1\r\nHost: {authority}\r\n{ForwardProxy.AuthorizationOf(address)}{agent}\r\n";
    }

    private static async ValueTask<int> ReadStatusAsync(Stream proxy, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        var length = 0;
        var head = new ResponseHead();
        for (var interim = 0; ;)
        {
            var status = ResponseParser.Parse(buffer.AsSpan(0, length), isHead: false, head, out var consumed, out var reason, isConnect: true);
            if (status == ParseStatus.Invalid)
            {
                throw Refused($"its answer is not valid HTTP/1.1: {reason}");
            }

            if (status == ParseStatus.Complete)
            {
                if (head.Status < 200 && ++interim <= MaxInterimResponses)
                {
                    buffer.AsSpan(consumed, length - consumed).CopyTo(buffer);
                    length -= consumed;
                    continue;
                }

                // The host cannot have spoken yet, since the client speaks first: more bytes would be the proxy's own, taken for the host's.
                return head.Status > 299 || consumed == length ? head.Status : throw Refused("it sent more than its answer to CONNECT");
            }

            if (length == buffer.Length)
            {
                // The parser has a limit of its own for a header section.
                Array.Resize(ref buffer, buffer.Length * 2);
            }

            var received = await proxy.ReadAsync(buffer.AsMemory(length), cancellation).ConfigureAwait(false);
            length += received > 0 ? received : throw Refused("it closed the connection without an answer to CONNECT", mayPass: true);
        }
    }

    private static FetchException Refused(string why, bool mayPass = false) =>
        (mayPass ? Failures.TunnelFailed : Failures.TunnelRefused).Of(why).Thrown();
}
