namespace Fetcher.Core.Loop;

/// <summary>What a wait is for.</summary>
[Flags]
internal enum Interest
{
    None = 0,
    Read = 1,
    Write = 2,
}

/// <summary>What a poller reports of one descriptor.</summary>
/// <param name="Token">The number it was added with.</param>
/// <param name="Ready">What can be tried now. Errors and hang-ups count as both: the next call tells which.</param>
/// <param name="PeerClosed">The peer has sent its last byte, so reading stays worth while until the end is seen.</param>
internal readonly record struct PollEvent(ulong Token, Interest Ready, bool PeerClosed);

/// <summary>
/// One way to ask the kernel which of many descriptors are ready. The back ends are twins, with the same members in the same order, so that
/// their difference is the lesson. All calls come from the loop's thread.
/// </summary>
internal interface IPoller : IDisposable
{
    /// <summary>Whether the call can name <paramref name="fd"/> at all.</summary>
    bool CanWatch(int fd);

    /// <summary>Starts to know <paramref name="fd"/>; events carry <paramref name="token"/>.</summary>
    /// <exception cref="IOException">The kernel, or the call's own limit, refuses one more descriptor.</exception>
    void Add(int fd, ulong token);

    /// <summary>Says what is wanted of <paramref name="fd"/> from now on.</summary>
    void Arm(int fd, ulong token, Interest interest);

    /// <summary>Forgets <paramref name="fd"/>. Called before it is closed.</summary>
    void Remove(int fd);

    /// <summary>Waits until something wanted is ready or the time is over.</summary>
    /// <param name="events">Where to report; what finds no room is reported by the next call.</param>
    /// <param name="timeoutMilliseconds">0 only looks; negative waits for ever.</param>
    /// <returns>How many events were written.</returns>
    int Wait(Span<PollEvent> events, int timeoutMilliseconds);
}
