using System.Buffers;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>
/// One report format. <see cref="Begin"/> once, <see cref="Write"/> for each result, <see cref="End"/> once; never two at a time.
/// A writer keeps no result, so that a report of any length is written in flat memory.
/// </summary>
internal interface IReportWriter
{
    /// <summary>
    /// What stands between two results. With <c>--order input</c> they are written in another order than they are formatted in.
    /// </summary>
    ReadOnlySpan<byte> Separator => default;

    /// <summary>Whether it adds results up as they end, also with <c>--order input</c>.</summary>
    bool IsByCompletion => false;

    /// <summary>Writes what comes before the first result.</summary>
    void Begin(IBufferWriter<byte> output, RunInfo run);

    /// <summary>Writes one result; must depend on nothing but the result.</summary>
    void Write(IBufferWriter<byte> output, FetchResult result);

    /// <summary>Writes what comes after the last result.</summary>
    void End(IBufferWriter<byte> output, RunInfo run, RunSummary summary);
}
