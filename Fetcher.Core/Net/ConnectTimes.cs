namespace Fetcher.Core.Net;

/// <summary>When the steps of opening a connection were done, on the run's clock in nanoseconds; 0 where one was not.</summary>
internal sealed class ConnectTimes
{
    public long NameLookup { get; set; }

    public long Connect { get; set; }

    /// <summary>Whether a proxy, if there is one, has let the connection through.</summary>
    public bool IsPastProxy { get; set; }

    /// <summary>0 without TLS.</summary>
    public long AppConnect { get; set; }

    /// <summary>Another connection is to be opened.</summary>
    public void Begin()
    {
        NameLookup = Connect = AppConnect = 0;
        IsPastProxy = false;
    }

    /// <summary>Takes over what is known of a connection.</summary>
    public void CopyFrom(ConnectTimes other) => (NameLookup, Connect, AppConnect) = (other.NameLookup, other.Connect, other.AppConnect);
}
