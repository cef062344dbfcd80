namespace Fetcher.Core.Http.Http2;

/// <summary>Error codes of RST_STREAM and GOAWAY (RFC 9113, section 7).</summary>
internal enum Http2Error : uint
{
    NoError = 0x0,
    ProtocolError = 0x1,
    InternalError = 0x2,
    FlowControlError = 0x3,
    SettingsTimeout = 0x4,
    StreamClosed = 0x5,
    FrameSizeError = 0x6,
    RefusedStream = 0x7,
    Cancel = 0x8,
    CompressionError = 0x9,
    ConnectError = 0xa,
    EnhanceYourCalm = 0xb,
    InadequateSecurity = 0xc,
    Http11Required = 0xd,
}

/// <summary>What is wrong with a stream or a connection.</summary>
/// <param name="Code">What the peer is told.</param>
/// <param name="Reason">A short clause without text of the server's.</param>
internal sealed record Http2Failure(Http2Error Code, string Reason);
