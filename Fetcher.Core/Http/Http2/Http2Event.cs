namespace Fetcher.Core.Http.Http2;

/// <summary>What <see cref="Http2Session.Receive"/> found.</summary>
internal enum Http2EventKind : byte
{
    /// <summary>Nothing more in these bytes; or the connection has failed.</summary>
    None,

    /// <summary>An interim (1xx) response.</summary>
    Interim,

    /// <summary>The header section of a response.</summary>
    Head,

    /// <summary>A run of a body, which may be empty at its end.</summary>
    Data,

    /// <summary>The server has reset a stream.</summary>
    Reset,

    /// <summary>What came on a stream breaks the protocol: we have reset it.</summary>
    Broken,

    /// <summary>There may be more streams, or fewer, than before.</summary>
    Settings,

    /// <summary>The server takes no more streams: see <see cref="Http2Session.TakeUnprocessed"/>.</summary>
    GoAway,
}

/// <summary>One thing that happened on a connection.</summary>
/// <param name="Kind">What.</param>
/// <param name="Stream">On which stream, or null.</param>
/// <param name="Data">The run of a body, which is a part of what was received.</param>
/// <param name="Failure">Why the stream has ended; null unless reset or broken.</param>
internal readonly record struct Http2Event(
    Http2EventKind Kind, Http2Stream? Stream = null, ReadOnlyMemory<byte> Data = default, Http2Failure? Failure = null);
