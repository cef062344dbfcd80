namespace Fetcher.Core.Net;

/// <summary>
/// Where a connection for a URL really goes: <c>--lab</c> sends every host to the embedded origin, <c>--connect-to</c> some hosts
/// elsewhere.
/// </summary>
internal static class Route
{
    /// <summary>
    /// The host to look up and the port to connect to. The URL's own host stays the one that TLS and the Host field name.
    /// </summary>
    public static (string Host, int Port) To(Endpoint endpoint, FetchOptions options)
    {
        if (options.Lab is { } lab)
        {
            return (lab.Address.ToString(), endpoint.IsHttps ? lab.HttpsPort : lab.HttpPort);
        }

        foreach (var rule in options.ConnectTo)
        {
            var matches = (rule.FromHost.Length == 0 || rule.FromHost.Equals(endpoint.Host, StringComparison.OrdinalIgnoreCase))
                && (rule.FromPort == 0 || rule.FromPort == endpoint.Port);
            if (matches)
            {
                return (rule.ToHost.Length == 0 ? endpoint.Host : rule.ToHost, rule.ToPort == 0 ? endpoint.Port : rule.ToPort);
            }
        }

        return (endpoint.Host, endpoint.Port);
    }
}
