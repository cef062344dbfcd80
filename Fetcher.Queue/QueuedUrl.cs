using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Queue;

/// <summary>A URL as it lies in a batch.</summary>
/// <param name="Index">Its place in the list, from 0.</param>
/// <param name="Line">Its line in <paramref name="Origin"/>, from 1; 0 where there are no lines.</param>
/// <param name="Origin">Where the list has it from.</param>
/// <param name="Problem">What is wrong with the line, or null.</param>
/// <param name="IsJson">Whether <paramref name="Text"/> is a JSON object.</param>
/// <param name="Text">The line.</param>
internal readonly record struct QueuedUrl(long Index, long Line, string Origin, string? Problem, bool IsJson, ReadOnlyMemory<byte> Text)
{
    /// <summary>Fills an item, as the source of the list did on the machine that has it.</summary>
    public void CopyTo(UrlItem item, CancellationToken giveUp)
    {
        item.Text.Set(Text.Span);
        (item.Index, item.Line, item.Origin, item.Problem, item.Options, item.GiveUp) = (Index, Line, Origin, null, null, giveUp);
        if (IsJson)
        {
            JsonUrlLine.Read(item);
        }

        item.Problem = Problem ?? item.Problem;
    }
}
