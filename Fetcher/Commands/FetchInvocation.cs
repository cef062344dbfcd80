using Fetcher.Core;
using Fetcher.Core.Reports.WriteOut;
using Fetcher.Core.Timing;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Commands;

/// <summary>In which order results are printed.</summary>
internal enum ResultOrder
{
    Completion, Input,
}

/// <summary>How progress is shown.</summary>
internal enum ProgressKind
{
    None, Line, Plain, Live,
}

/// <summary>What the command line asks for: a run of the default command.</summary>
/// <param name="Sources">The SOURCE arguments, for <see cref="Core.Work.Sources.UrlSource.Open"/>.</param>
/// <param name="Count">How many times over the list is fetched, at least 1.</param>
/// <param name="Options">How URLs are fetched.</param>
/// <param name="Format">What goes to standard output: table, ndjson, json, csv or markdown; null is none of them.</param>
/// <param name="Reports">Files to write the run to, each with an extension that a report has.</param>
/// <param name="Order">Order of the results.</param>
/// <param name="Quiet">No progress and no warnings (<c>-q</c>).</param>
/// <param name="Verbose">More on standard error (<c>-v</c>).</param>
/// <param name="Progress">How to show progress; null is a line, on a terminal.</param>
/// <param name="Lab">Whether every host is the embedded origin on loopback.</param>
/// <param name="Grace">How long transfers may go on after a signal.</param>
/// <param name="Waterfall">Whether the slowest transfers are drawn below the summary.</param>
/// <param name="List">How the sources are read; null is in the usual way.</param>
/// <param name="WriteOut">What is printed for each URL (<c>-w</c>), or null.</param>
/// <param name="Explain">Whether it is said in words where the time went.</param>
/// <param name="FailIf">Conditions under which a run in which all was fetched fails all the same.</param>
/// <param name="DryRun">Whether it is only told what would be fetched.</param>
/// <param name="HasTemplate">Whether it was said how saved bodies are named.</param>
/// <param name="ReadFiles">Files that options were read from; null is none.</param>
/// <param name="Job">The job that the list becomes, for workers to fetch; null is none.</param>
internal sealed record FetchInvocation(
    IReadOnlyList<string> Sources,
    int Count,
    FetchOptions Options,
    string? Format,
    IReadOnlyList<string> Reports,
    ResultOrder Order,
    bool Quiet,
    bool Verbose,
    ProgressKind? Progress,
    bool Lab,
    TimeSpan Grace,
    bool Waterfall = false,
    ListOptions? List = null,
    WriteOutTemplate? WriteOut = null,
    bool Explain = false,
    IReadOnlyList<Condition>? FailIf = null,
    bool DryRun = false,
    bool HasTemplate = false,
    IReadOnlyList<string>? ReadFiles = null,
    JobList? Job = null);
