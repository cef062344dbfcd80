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
/// Reads the header section of an HTTP/1.x response out of bytes, without any I/O (RFC 9112, sections 2 to 5). Where the RFC leaves a
/// choice: a line may end in LF alone, and a field may be folded over several lines, but the connection is then not used again; white space
/// before the colon, bare CR, control characters, a leading empty line, and versions other than 1.x are refused. What the fields say about
/// the body is judged by <see cref="BodyFramingRules"/>.
/// </summary>
internal static class ResponseParser
{
    /// <summary>Longest header section, with its status line and empty line. Bytes.</summary>
    public const int MaxHeadLength = 128 * 1024;

    /// <summary>Most fields in a header section.</summary>
    public const int MaxFields = 1000;

    private const int VersionLength = 8; // HTTP/1.x
    private const int StatusLength = 3;

    /// <summary>
    /// Reads one header section from the start of <paramref name="data"/>. Interim (1xx) responses come out like any other, without a body.
    /// </summary>
    /// <param name="data">Bytes from the first of a response. When they are Incomplete, call again with the same bytes and more.</param>
    /// <param name="isHead">Whether the request was HEAD, whose response has no body.</param>
    /// <param name="head">Takes the result; empty unless Complete.</param>
    /// <param name="consumed">Length of the header section, or 0 unless Complete: the body or the next response begins here.</param>
    /// <param name="reason">A short clause that says what is wrong, when Invalid. It holds no text of the server's.</param>
    /// <param name="alreadySearched">
    /// Length of <paramref name="data"/> at the last call that said Incomplete for this response and this head, to go on from there; 0
    /// starts anew.
    /// </param>
    /// <param name="isConnect">
    /// Whether the request was CONNECT: what the fields say of a body counts for nothing then. A 2xx has none whatever they say (RFC 9110,
    /// section 9.3.6), and that of a refusal is not read.
    /// </param>
    public static ParseStatus Parse(
        ReadOnlySpan<byte> data,
        bool isHead,
        ResponseHead head,
        out int consumed,
        out string? reason,
        int alreadySearched = 0,
        bool isConnect = false)
    {
        reason = null;
        if (alreadySearched == 0)
        {
            if (head.IsRepeatedBy(data, isHead))
            {
                consumed = head.ParsedLength;
                return ParseStatus.Complete;
            }

            head.Reset();
        }

        consumed = 0;
        var visible = data[..Math.Min(data.Length, MaxHeadLength)];
        reason = ReadLines(visible, head, alreadySearched, out var isComplete);
        if (reason is null && isComplete)
        {
            head.Keep(data[..head.ParsedLength], isHead);
            reason = isConnect ? null : BodyFramingRules.Apply(head, isHead);
        }
        else if (reason is null && visible.Length == MaxHeadLength)
        {
            reason = $"a header section longer than {MaxHeadLength} bytes";
        }

        if (reason is not null)
        {
            head.Reset();
            return ParseStatus.Invalid;
        }

        if (!isComplete)
        {
            return ParseStatus.Incomplete;
        }

        consumed = head.ParsedLength;
        return ParseStatus.Complete;
    }

    /// <summary>Reads line by line, as far as there are whole lines.</summary>
    /// <returns>Null, or what is wrong.</returns>
    private static string? ReadLines(ReadOnlySpan<byte> data, ResponseHead head, int alreadySearched, out bool isComplete)
    {
        isComplete = false;
        if (CheckVersion(data) is { } badVersion)
        {
            return badVersion;
        }

        while (true)
        {
            // One search finds the end of the line and makes sure that no control character is before it.
            // A CR that came last could not be judged at the last call: look at it again.
            var lineStart = head.ParsedLength;
            var searchFrom = Math.Max(lineStart, alreadySearched - 1);
            var found = data[searchFrom..].IndexOfAny(HttpGrammar.Control);
            var lineEnd = searchFrom + found;
            var lineBreak = found < 0 ? 0 : LineBreakLength(data[lineEnd..]);
            if (lineBreak == 0)
            {
                return null;
            }

            if (lineBreak < 0)
            {
                return data[lineEnd] == HttpGrammar.CarriageReturn
                    ? "a CR without LF in the header section"
                    : $"the control character 0x{data[lineEnd]:X2} in the header section";
            }

            head.HasBareLineFeed |= lineBreak == 1;
            head.ParsedLength = lineEnd + lineBreak;
            if (lineStart == lineEnd)
            {
                isComplete = true;
                return null;
            }

            var reason = lineStart == 0 ? ReadStatusLine(data[..lineEnd], head) : ReadField(data, lineStart, lineEnd, head);
            if (reason is not null)
            {
                return reason;
            }
        }
    }

    /// <summary>
    /// Length of the line break that <paramref name="data"/> starts with: 1 or 2; 0 when more bytes must tell; -1 when it is none.
    /// </summary>
    private static int LineBreakLength(ReadOnlySpan<byte> data) => data[0] switch
    {
        HttpGrammar.LineFeed => 1,
        HttpGrammar.CarriageReturn when data.Length == 1 => 0,
        HttpGrammar.CarriageReturn when data[1] == HttpGrammar.LineFeed => 2,
        _ => -1,
    };

    /// <summary>
    /// Judges the first bytes before their line is whole, because a peer that speaks another protocol may never send a line end.
    /// </summary>
    /// <param name="data">What has come of the response.</param>
    /// <returns>Why it can be no response, or null.</returns>
    internal static string? CheckVersion(ReadOnlySpan<byte> data)
    {
        var start = data[..Math.Min(data.Length, VersionLength)];
        if ("HTTP/1.1"u8.StartsWith(start)
            || "HTTP/1."u8.StartsWith(start)
            || (start.StartsWith("HTTP/1."u8) && char.IsAsciiDigit((char)start[^1])))
        {
            return null;
        }

        return start.StartsWith("HTTP/"u8)
            ? "an HTTP version other than 1.x"
            : "not an HTTP response: it does not start with HTTP/1";
    }

    /// <summary>
    /// <c>status-line = HTTP-version SP status-code SP [ reason-phrase ]</c>; without a reason phrase the second space may be missing too.
    /// </summary>
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

        // RFC 9110, section 15, has classes 1 to 5, but servers in the wild send others, such as 999, and a client is to treat them as errors.
        var status = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + (digits[2] - '0');
        if (status < 100)
        {
            return $"the status code {status:000} is below 100";
        }

        if (status == 101)
        {
            return "status 101 without a request to switch protocols";
        }

        var reasonStart = Math.Min(statusEnd + 1, line.Length);

        // A minor version above ours means what ours does to us (RFC 9110, section 2.5).
        head.SetStatusLine(line[VersionLength - 1] == '0' ? 0 : 1, status, reasonStart, line.Length - reasonStart);
        return null;
    }

    /// <summary><c>field-line = field-name ":" OWS field-value OWS</c>, or a continuation of the one before.</summary>
    private static string? ReadField(ReadOnlySpan<byte> data, int lineStart, int lineEnd, ResponseHead head)
    {
        var line = data[lineStart..lineEnd];
        if (HttpGrammar.IsBlank(line[0]))
        {
            if (head.FieldCount == 0)
            {
                return "white space between the status line and the first field";
            }

            head.ExtendLastField(lineEnd);
            return null;
        }

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
            return $"more than {MaxFields} fields";
        }

        var valueStart = nameLength + 1;
        while (valueStart < line.Length && HttpGrammar.IsBlank(line[valueStart]))
        {
            valueStart++;
        }

        var valueEnd = line.Length;
        while (valueEnd > valueStart && HttpGrammar.IsBlank(line[valueEnd - 1]))
        {
            valueEnd--;
        }

        head.AddField(lineStart, nameLength, lineStart + valueStart, valueEnd - valueStart);
        return null;
    }
}
