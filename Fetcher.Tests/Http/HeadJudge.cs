using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>
/// Feeds bytes to the response parser in different ways and says in one line what came out: "200 length 5 keep", "refused: REASON" or
/// "incomplete". In the texts of the tests, <c>|</c> stands for CR LF.
/// </summary>
internal static class HeadJudge
{
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text.Replace("|", "\r\n", StringComparison.Ordinal));

    /// <summary>All at once.</summary>
    public static string Judge(ReadOnlySpan<byte> data, bool isHead = false)
    {
        var head = new ResponseHead();
        var status = ResponseParser.Parse(data, isHead, head, out var consumed, out var reason);
        return Describe(status, head, consumed, reason);
    }

    /// <summary>
    /// In pieces that end at <paramref name="cuts"/>, stopping as soon as the parser is sure. With <paramref name="resume"/> it is told
    /// what it has already searched.
    /// </summary>
    public static string JudgeInPieces(ReadOnlySpan<byte> data, IEnumerable<int> cuts, bool resume, bool isHead = false)
    {
        var head = new ResponseHead();
        var searched = 0;
        foreach (var cut in cuts.Append(data.Length))
        {
            var status = ResponseParser.Parse(data[..cut], isHead, head, out var consumed, out var reason, searched);
            if (status != ParseStatus.Incomplete)
            {
                return Describe(status, head, consumed, reason);
            }

            searched = resume ? cut : 0;
        }

        return "incomplete";
    }

    /// <summary>
    /// Cut in two at every place, byte by byte, and again into a head that knows it already: the judgement must always be the one of all at once, which
    /// is returned.
    /// </summary>
    public static string JudgeInEveryWay(ReadOnlySpan<byte> data, bool isHead = false)
    {
        var expected = Judge(data, isHead);
        for (var cut = 0; cut <= data.Length; cut++)
        {
            JudgeInPieces(data, [cut], resume: true, isHead).ShouldBe(expected, $"cut at {cut}");
        }

        var everyByte = Enumerable.Range(1, data.Length).ToArray();
        JudgeInPieces(data, everyByte, resume: true, isHead).ShouldBe(expected, "byte by byte");
        JudgeInPieces(data, everyByte, resume: false, isHead).ShouldBe(expected, "byte by byte, each time from the start");
        JudgeAgain(data, isHead, isHead).ShouldBe(expected, "the same again");
        JudgeAgain(data, !isHead, isHead).ShouldBe(expected, "the same again, for a request of the other kind");
        return expected;
    }

    /// <summary>After the same bytes, for a request of the same or the other kind, have been read into the same head.</summary>
    private static string JudgeAgain(ReadOnlySpan<byte> data, bool wasHead, bool isHead)
    {
        var head = new ResponseHead();
        ResponseParser.Parse(data, wasHead, head, out _, out _);
        var status = ResponseParser.Parse(data, isHead, head, out var consumed, out var reason);
        return Describe(status, head, consumed, reason);
    }

    private static string Describe(ParseStatus status, ResponseHead head, int consumed, string? reason)
    {
        (reason is null).ShouldBe(status != ParseStatus.Invalid);
        if (status != ParseStatus.Complete)
        {
            consumed.ShouldBe(0);
            return reason is null ? "incomplete" : $"refused: {reason}";
        }

        head.Raw.Length.ShouldBe(consumed);
        var framing = head.Framing switch
        {
            BodyFraming.None => "none",
            BodyFraming.ContentLength => $"length {head.ContentLength}",
            BodyFraming.Chunked => "chunked",
            _ => "until close",
        };
        return $"{head.Status} {framing}{(head.KeepAlive ? " keep" : "")}";
    }
}
