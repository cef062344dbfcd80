namespace Fetcher.Core.Net;

/// <summary>When the steps of opening a connection were done, on the loop's clock in nanoseconds.</summary>
internal sealed class ConnectTimes
{
    public long NameLookup { get; set; }

    public long Connect { get; set; }

    /// <summary>Whether a proxy, if there is one, has let the connection through.</summary>
    public bool IsPastProxy { get; set; }

    /// <summary>0 without TLS.</summary>
    public long AppConnect { get; set; }
}
