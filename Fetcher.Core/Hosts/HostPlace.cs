namespace Fetcher.Core.Hosts;

/// <summary>
/// What <see cref="HostScheduler"/> keeps of one transfer: its place among those that are under way at a host, or its wish for one. A transfer has one
/// and only passes it on; it starts anew with each line that is taken.
/// </summary>
internal sealed class HostPlace
{
    /// <summary>Whether there is a place to give back.</summary>
    public bool IsHeld => Queue is not null;

    /// <summary>Where the place is, or null.</summary>
    internal HostQueue? Queue { get; set; }

    /// <summary>The number of the line's first start among all starts, or 0 when nobody counted.</summary>
    internal long FirstStart { get; set; }

    /// <summary>How many transfers the host had served when it last asked this one to wait.</summary>
    internal long SuccessesSeen { get; set; }

    /// <summary>What the transfer waits for, or null.</summary>
    internal TaskCompletionSource? Granted { get; set; }
}
