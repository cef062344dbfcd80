namespace Fetcher.Core.Net;

/// <summary>When the steps of opening a connection were done, on the run's clock in nanoseconds; 0 where one was not.</summary>
internal sealed class ConnectTimes
{
    /// <summary>When it was begun, which is when the name's look-up was.</summary>
    public long Begun { get; set; }

    public long NameLookup { get; set; }

    public long Connect { get; set; }

    /// <summary>Whether a proxy, if there is one, has let the connection through.</summary>
    public bool IsPastProxy { get; set; }

    /// <summary>0 without TLS.</summary>
    public long AppConnect { get; set; }

    /// <summary>Begins to open a connection.</summary>
    /// <param name="now">Now.</param>
    public void Begin(long now)
    {
        Clear();
        Begun = now;
    }

    /// <summary>Forgets another connection.</summary>
    public void Clear()
    {
        Begun = NameLookup = Connect = AppConnect = 0;
        IsPastProxy = false;
    }

    /// <summary>Takes over what is known of a connection.</summary>
    public void CopyFrom(ConnectTimes other) =>
        (Begun, NameLookup, Connect, AppConnect) = (other.Begun, other.NameLookup, other.Connect, other.AppConnect);
}
