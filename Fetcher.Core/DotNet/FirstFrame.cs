using Fetcher.Core.Http.Http2;

namespace Fetcher.Core.DotNet;

/// <summary>
/// Looks at what a server of HTTP/2 sends first, which is to be SETTINGS (RFC 9113, section 3.4): .NET's client does not always tell that it was something else.
/// </summary>
/// <param name="host">The server's name, for messages.</param>
internal sealed class FirstFrame(string host)
{
    /// <summary>The length of a frame, and its type.</summary>
    private const int Start = 4;

    private uint _bytes;
    private int _count;

    /// <summary>Whether it was looked at.</summary>
    public bool IsSeen => _count == Start;

    /// <summary>What is wrong with it; null while nothing is.</summary>
    public FetchError? Problem { get; private set; }

    /// <summary>Looks at what has come.</summary>
    /// <exception cref="FetchException">It is no SETTINGS.</exception>
    public void Look(ReadOnlySpan<byte> received)
    {
        if (IsSeen)
        {
            return;
        }

        foreach (var next in received[..Math.Min(received.Length, Start - _count)])
        {
            _bytes = (_bytes << 8) | next;
            _count++;
        }

        if (IsSeen && (Http2FrameType)(byte)_bytes != Http2FrameType.Settings)
        {
            Problem = _bytes >> 8 == Http2Session.HttpSlash ? Failures.Http2NotSpoken.Of(host) : Failures.Http2Invalid.Of(Http2Session.NoSettingsFirst);
            throw Problem.Thrown();
        }
    }
}
