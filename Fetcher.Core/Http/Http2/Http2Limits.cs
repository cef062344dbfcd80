namespace Fetcher.Core.Http.Http2;

/// <summary>What a server may make of a connection to it. The defaults are those of every run; a test may lower them.</summary>
internal sealed record Http2Limits
{
    /// <summary>The longest payload of a frame that we take: the least that there is (RFC 9113, section 4.2).</summary>
    public const int MaxFrameSize = 16 * 1024;

    /// <summary>The most that a window can be (RFC 9113, section 6.9.1).</summary>
    public const int MaxWindow = int.MaxValue;

    /// <summary>The window that every connection, and every stream before our SETTINGS are known, begins with.</summary>
    public const int DefaultWindow = 65_535;

    /// <summary>Bytes of one stream's body that may come before they are read.</summary>
    public int StreamWindow { get; init; } = 1 << 20;

    /// <summary>Bytes of all bodies that may come before they are read: what a connection may take of memory.</summary>
    public int ConnectionWindow { get; init; } = 16 << 20;

    /// <summary>Size of the table of fields that the server may refer to (RFC 7541, section 4.2).</summary>
    public int TableSize { get; init; } = 4096;

    /// <summary>The longest list of fields in one header section, counted as RFC 9113, section 6.5.2 does: 32 more bytes for each field.</summary>
    public int HeaderList { get; init; } = ResponseParser.MaxHeadLength;

    /// <summary>Most fields in a header section.</summary>
    public int Fields { get; init; } = ResponseParser.MaxFields;

    /// <summary>Most CONTINUATION frames of one header section.</summary>
    public int Continuations { get; init; } = 8;

    /// <summary>Most interim (1xx) responses before the final one.</summary>
    public int Interim { get; init; } = 32;

    /// <summary>Frames that move no stream on: so many at once ...</summary>
    public int IdleFrames { get; init; } = 10_000;

    /// <summary>... and so many more a second.</summary>
    public int IdleFramesPerSecond { get; init; } = 330;

    /// <summary>Streams that are opened before the server has said how many there may be.</summary>
    public int FirstStreams { get; init; } = 1;

    /// <summary>What is read of a body that nobody wants any more, before its stream is reset.</summary>
    public int Drained { get; init; } = 64 * 1024;
}
