using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>
/// Feeds bytes to the chunked decoder in different ways and says in one line what came out: "BODY", "BODY + 3 bytes left", "refused:
/// REASON" or "incomplete: BODY".
/// </summary>
internal static class ChunkJudge
{
    /// <summary>In pieces that end at <paramref name="cuts"/>.</summary>
    public static string Judge(ReadOnlySpan<byte> data, params IEnumerable<int> cuts)
    {
        var decoder = new ChunkedDecoder();
        var body = new StringBuilder();
        var position = 0;
        foreach (var cut in cuts.Append(data.Length))
        {
            ChunkStatus status;
            do
            {
                var input = data[position..cut];
                status = decoder.Decode(input, out var consumed, out var offset, out var length, out var reason);
                consumed.ShouldBeInRange(0, input.Length);
                (status == ChunkStatus.Data).ShouldBe(length > 0);
                (status == ChunkStatus.Invalid).ShouldBe(reason is not null);
                body.Append(Encoding.Latin1.GetString(input.Slice(offset, length)));
                position += consumed;
                switch (status)
                {
                    case ChunkStatus.Data:
                        (offset + length).ShouldBe(consumed);
                        break;

                    case ChunkStatus.NeedMore:
                        position.ShouldBe(cut);
                        break;

                    case ChunkStatus.End:
                        return position == data.Length ? body.ToString() : $"{body} + {data.Length - position} bytes left";

                    default:
                        return $"refused: {reason}";
                }
            }
            while (status == ChunkStatus.Data);
        }

        return $"incomplete: {body}";
    }

    /// <summary>
    /// Cut in two at every place, and byte by byte: the judgement must always be the one of all at once, which is returned.
    /// </summary>
    public static string JudgeInEveryWay(ReadOnlySpan<byte> data)
    {
        var expected = Judge(data);
        for (var cut = 0; cut <= data.Length; cut++)
        {
            Judge(data, cut).ShouldBe(expected, $"cut at {cut}");
        }

        Judge(data, Enumerable.Range(1, data.Length)).ShouldBe(expected, "byte by byte");
        return expected;
    }
}
