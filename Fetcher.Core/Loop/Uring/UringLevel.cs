namespace Fetcher.Core.Loop.Uring;

/// <summary>How much of io_uring is used: each level needs a newer kernel than the one before.</summary>
internal enum UringLevel
{
    /// <summary>The ring only tells readiness (Linux 5.11).</summary>
    Polls,

    /// <summary>The kernel sends and receives by itself, and each receive takes a buffer (Linux 6.1).</summary>
    WholeBuffers,

    /// <summary>Receives lie side by side in large buffers (Linux 6.12).</summary>
    SharedBuffers,
}
