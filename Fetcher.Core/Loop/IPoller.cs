namespace Fetcher.Core.Loop;

/// <summary>The directions of a socket that somebody waits for: readable, writable, or both.</summary>
[Flags]
internal enum Interest
{
    None = 0,
    Read = 1,
    Write = 2,
}

/// <summary>One event: a descriptor that is ready.</summary>
/// <param name="Token">The number it was added with.</param>
/// <param name="Ready">What can be tried now. Errors and hang-ups count as both: the next call tells which.</param>
/// <param name="PeerClosed">The peer has sent its last byte, or the connection has failed, so reading stays worth while until the end is seen.</param>
internal readonly record struct PollEvent(ulong Token, Interest Ready, bool PeerClosed);

/// <summary>
/// One way to ask the kernel which of many descriptors are ready. The back ends are twins, with the same members in the same order, so that
/// their difference is the lesson. All calls come from the loop's thread.
/// </summary>
internal interface IPoller : IDisposable
{
    /// <summary>Whether the call can name <paramref name="fd"/> at all.</summary>
    bool CanWatch(int fd);

    /// <summary>
    /// Whether an event tells, by <see cref="PollEvent.PeerClosed"/>, that a connection could not be made; else only the next call does.
    /// </summary>
    bool TellsFailure { get; }

    /// <summary>Adds <paramref name="fd"/>, with no interest yet; its events carry <paramref name="token"/>.</summary>
    /// <exception cref="IOException">The kernel, or the call's own limit, refuses one more descriptor.</exception>
    void Add(int fd, ulong token);

    /// <summary>Sets the interest in <paramref name="fd"/>: what the next waits report of it.</summary>
    void Arm(int fd, ulong token, Interest interest);

    /// <summary>Removes <paramref name="fd"/>. Called before it is closed.</summary>
    void Remove(int fd);

    /// <summary>Waits until a descriptor is ready for what is of interest, or the timeout is over.</summary>
    /// <param name="events">Receives the events; those that find no room are reported by the next call.</param>
    /// <param name="timeoutMilliseconds">0 does not wait; negative waits without a limit.</param>
    /// <returns>How many events were written.</returns>
    int Wait(Span<PollEvent> events, int timeoutMilliseconds);

    /// <summary>
    /// Something that was waited for so long, in nanoseconds, has come on a descriptor that many share. Such a descriptor is always busy, and one event of it
    /// brings much: where events gather, what has come counts in its place.
    /// </summary>
    void NoteWait(ulong token, long waited)
    {
    }

    /// <summary>
    /// So many bytes of a body have come on a descriptor that many share, and the server sends more by itself; or 0, when what comes next may answer a request.
    /// </summary>
    void NoteFlow(int bytes)
    {
    }
}
