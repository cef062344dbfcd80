using Fetcher.Core.Http;
using Fetcher.Core.Net;

namespace Fetcher.Core.Exchange;

/// <summary>What a request says, before a protocol gives it its form.</summary>
/// <param name="Writer">Has the fields that all requests of the run, or of the line, have in common.</param>
/// <param name="Url">What is asked for.</param>
/// <param name="IsFirstOrigin">Whether it goes to the origin that the user named, and may carry credentials.</param>
/// <param name="Fields">Fields of this request alone, each with its line end; null for none.</param>
/// <param name="IsHead">Whether only the header section is asked for.</param>
/// <param name="IsConditional">Whether it asks for what has changed since an earlier run.</param>
/// <param name="IsResuming">Whether it asks for the rest of an unfinished body.</param>
internal readonly record struct RequestHead(
    RequestWriter Writer, HttpUrl Url, bool IsFirstOrigin, byte[]? Fields, bool IsHead, bool IsConditional, bool IsResuming)
{
    /// <summary>Whether it asks for a part of a body, so that a part is an answer (RFC 9110, section 15.3.7).</summary>
    public bool AsksForPart => IsResuming || Writer.AsksForPart;

    /// <summary>The request as HTTP/1.1 has it.</summary>
    /// <param name="buffer">Where to write; another is made when the request is too long for it.</param>
    /// <param name="forwarder">The proxy that it is sent to, or null.</param>
    public ReadOnlyMemory<byte> Write(byte[] buffer, ForwardProxy? forwarder) =>
        Writer.Write(buffer, Url, IsFirstOrigin, Fields, IsHead, forwarder);
}
