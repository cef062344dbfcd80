namespace Fetcher.Core.Net;

/// <summary>Where a URL's requests go: what the pool keys connections by, and what a connector needs to open one.</summary>
/// <param name="IsHttps">Whether TLS is spoken.</param>
/// <param name="Host">Host name or address literal, lowercase, IPv6 without brackets.</param>
/// <param name="Port">TCP port.</param>
internal sealed record Endpoint(bool IsHttps, string Host, int Port);
