namespace Fetcher.Core.Http.Http2;

/// <summary>What types of frames are called in messages.</summary>
internal static class Http2FrameNames
{
    /// <summary>The name as RFC 9113 writes it, or "a frame".</summary>
    public static string Name(this Http2FrameType type) => type switch
    {
        Http2FrameType.Data => "DATA",
        Http2FrameType.Headers => "HEADERS",
        Http2FrameType.Priority => "PRIORITY",
        Http2FrameType.RstStream => "RST_STREAM",
        Http2FrameType.Settings => "SETTINGS",
        Http2FrameType.Ping => "PING",
        Http2FrameType.GoAway => "GOAWAY",
        Http2FrameType.WindowUpdate => "WINDOW_UPDATE",
        _ => "a frame",
    };
}
