namespace Fetcher.Core.Http;

/// <summary>How far a parser got.</summary>
internal enum ParseStatus
{
    /// <summary>The header section is whole.</summary>
    Complete,

    /// <summary>It is a good beginning: more bytes are needed.</summary>
    Incomplete,

    /// <summary>It can never become a response that this client accepts.</summary>
    Invalid,
}

/// <summary>
/// Reads the header section of an HTTP/1.x response out of bytes, without any I/O (RFC 9112, sections 2 to 5). Where the RFC leaves a choice:
/// a line may end in LF alone, and a field may be folded over several lines, but the connection is then not used again; white space before the colon,
/// bare CR, control characters, a leading empty line, and versions other than 1.0 and 1.1 are refused.
/// What the fields say about the body is judged by <see cref="BodyFramingRules"/>.
/// </summary>
internal static class ResponseParser
{
    /// <summary>Longest header section, with its status line and empty line. Bytes.</summary>
    public const int MaxHeadLength = 128 * 1024;

    /// <summary>Most fields in a header section.</summary>
    public const int MaxFields = 1000;

    private const int VersionLength = 8; // HTTP/1.x
    private const int StatusLength = 3;

    /// <summary>Reads one header section from the start of <paramref name="data"/>. Interim (1xx) responses come out like any other, without a body.</summary>
    /// <param name="data">Bytes from the first of a response. When they are Incomplete, call again with the same bytes and more.</param>
    /// <param name="isHead">Whether the request was HEAD, whose response has no body.</param>
    /// <param name="head">Takes the result; empty unless Complete.</param>
    /// <param name="consumed">Length of the header section, or 0 unless Complete: the body or the next response begins here.</param>
    /// <param name="reason">A short clause that says what is wrong, when Invalid. It holds no text of the server's.</param>
    /// <param name="alreadySearched">
    /// Length of <paramref name="data"/> at the last call that said Incomplete for this response and this head, to go on from there; 0 starts anew.
    /// </param>
    public static ParseStatus Parse(
        ReadOnlySpan<byte> data, bool isHead, ResponseHead head, out int consumed, out string? reason, int alreadySearched = 0)
    {
        if (alreadySearched == 0)
        {
            head.Reset();
        }

        consumed = 0;
        var visible = data[..Math.Min(data.Length, MaxHeadLength)];
        var status = ReadLines(visible, head, alreadySearched, out reason);
        if (status == ParseStatus.Complete)
        {
            head.Keep(data[..head.ParsedLength]);
            reason = BodyFramingRules.Apply(head, isHead);
        }
        else if (status == ParseStatus.Incomplete && visible.Length == MaxHeadLength)
        {
            reason = "the header section is longer than 131072 bytes";
        }

        if (reason is not null)
        {
            head.Reset();
            return ParseStatus.Invalid;
        }

        if (status == ParseStatus.Complete)
        {
            consumed = head.ParsedLength;
        }

        return status;
    }

    private static ParseStatus ReadLines(ReadOnlySpan<byte> data, ResponseHead head, int alreadySearched, out string? reason)
    {
        reason = CheckVersion(data);
        while (reason is null)
        {
            // A CR that came last was not judged yet: look at it again.
            var lineStart = head.ParsedLength;
            var searchFrom = Math.Max(lineStart, alreadySearched - 1);
            var found = data[searchFrom..].IndexOfAny(HttpGrammar.Control);
            if (found < 0)
            {
                return ParseStatus.Incomplete;
            }

            var lineEnd = searchFrom + found;
            var next = lineEnd + 1;
            if (data[lineEnd] == HttpGrammar.CarriageReturn)
            {
                if (next == data.Length)
                {
                    return ParseStatus.Incomplete;
                }

                if (data[next++] != HttpGrammar.LineFeed)
                {
                    reason = "a CR without LF in the header section";
                    break;
                }
            }
            else if (data[lineEnd] == HttpGrammar.LineFeed)
            {
                head.HasBareLineFeed = true;
            }
            else
            {
                reason = $"the control character 0x{data[lineEnd]:X2} in the header section";
                break;
            }

            head.ParsedLength = next;
            if (lineStart == 0)
            {
                reason = ReadStatusLine(data[..lineEnd], head);
            }
            else if (lineStart == lineEnd)
            {
                return ParseStatus.Complete;
            }
            else
            {
                reason = ReadField(data, lineStart, lineEnd, head);
            }
        }

        return ParseStatus.Invalid;
    }

    /// <summary>Judges the first bytes before their line is whole, because a peer that speaks another protocol may never send a line end.</summary>
    private static string? CheckVersion(ReadOnlySpan<byte> data)
    {
        var start = data[..Math.Min(data.Length, VersionLength)];
        if ("HTTP/1.1"u8.StartsWith(start) || "HTTP/1.0"u8.StartsWith(start))
        {
            return null;
        }

        return start.StartsWith("HTTP/"u8) ? "an HTTP version other than 1.0 and 1.1" : "not an HTTP response: it does not start with HTTP/1";
    }

    /// <summary><c>status-line = HTTP-version SP status-code SP [ reason-phrase ]</c>; without a reason phrase the second space may be missing too.</summary>
    private static string? ReadStatusLine(ReadOnlySpan<byte> line, ResponseHead head)
    {
        const int statusStart = VersionLength + 1;
        const int statusEnd = statusStart + StatusLength;
        if (line.Length <= VersionLength || line[VersionLength] != HttpGrammar.Space)
        {
            return "no single space after the HTTP version";
        }

        var digits = line[statusStart..Math.Min(line.Length, statusEnd)];
        if (digits.Length < StatusLength || digits.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (line.Length > statusEnd && line[statusEnd] != HttpGrammar.Space))
        {
            return "a status code that is not three digits";
        }

        var status = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
        if (status is < 100 or > 599)
        {
            return $"the status code {status:000} is not from 100 to 599";
        }

        if (status == 101)
        {
            return "status 101 without a request to switch protocols";
        }

        var reasonStart = Math.Min(statusEnd + 1, line.Length);
        head.SetStatusLine(line[VersionLength - 1] - '0', status, reasonStart, line.Length - reasonStart);
        return null;
    }

    /// <summary><c>field-line = field-name ":" OWS field-value OWS</c>, or a continuation of the one before.</summary>
    private static string? ReadField(ReadOnlySpan<byte> data, int lineStart, int lineEnd, ResponseHead head)
    {
        if (HttpGrammar.IsBlank(data[lineStart]))
        {
            if (head.FieldCount == 0)
            {
                return "white space between the status line and the first field";
            }

            head.ExtendLastField(lineEnd);
            return null;
        }

        var line = data[lineStart..lineEnd];
        var nameLength = line.IndexOfAnyExcept(HttpGrammar.Token);
        if (nameLength < 0)
        {
            return "a field line without a colon";
        }

        if (line[nameLength] != ':')
        {
            return HttpGrammar.IsBlank(line[nameLength])
                ? "white space in a field name or before its colon"
                : $"the byte 0x{line[nameLength]:X2} in a field name";
        }

        if (nameLength == 0)
        {
            return "an empty field name";
        }

        if (head.FieldCount == MaxFields)
        {
            return "more than 1000 fields";
        }

        var valueStart = lineStart + nameLength + 1;
        while (valueStart < lineEnd && HttpGrammar.IsBlank(data[valueStart]))
        {
            valueStart++;
        }

        var valueEnd = lineEnd;
        while (valueEnd > valueStart && HttpGrammar.IsBlank(data[valueEnd - 1]))
        {
            valueEnd--;
        }

        head.AddField(lineStart, nameLength, valueStart, valueEnd - valueStart);
        return null;
    }
}
