using Fetcher.Core.Http;
using Fetcher.Core.Net;

namespace Fetcher.Core.Exchange;

/// <summary>Answers that are none to every request.</summary>
[Flags]
internal enum SpecialAnswers : byte
{
    None = 0,

    /// <summary>A part of the body (RFC 9110, section 15.3.7).</summary>
    Part = 1,

    /// <summary>That nothing has changed since an earlier run, which we asked (section 15.4.5).</summary>
    Unchanged = 2,

    /// <summary>The same, which the user asked by fields of their own.</summary>
    UnchangedForUser = 4,
}

/// <summary>What a request says, before a protocol gives it its form.</summary>
/// <param name="Writer">Has the fields that all requests of the run, or of the line, have in common.</param>
/// <param name="Url">What is asked for.</param>
/// <param name="IsFirstOrigin">Whether it goes to the origin that the user named, and may carry credentials.</param>
/// <param name="Fields">Fields of this request alone, each with its line end; null for none.</param>
/// <param name="IsHead">Whether only the header section is asked for.</param>
/// <param name="MayGet">What may be the answer because it is asked for.</param>
internal readonly record struct RequestHead(
    RequestWriter Writer, HttpUrl Url, bool IsFirstOrigin, byte[]? Fields, bool IsHead, SpecialAnswers MayGet)
{
    /// <summary>The request as HTTP/1.1 has it.</summary>
    /// <param name="buffer">Where to write; another is made when the request is too long for it.</param>
    /// <param name="forwarder">The proxy that it is sent to, or null.</param>
    public ReadOnlyMemory<byte> Write(byte[] buffer, ForwardProxy? forwarder) =>
        Writer.Write(buffer, Url, IsFirstOrigin, Fields, IsHead, forwarder);
}
