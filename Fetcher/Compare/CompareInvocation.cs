using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Compare;

/// <summary>What the command line asks for: a comparison.</summary>
/// <param name="Sources">The SOURCE arguments.</param>
/// <param name="Count">How many times over the list is fetched in a round, at least 1.</param>
/// <param name="Options">How URLs are fetched; the mode in it means nothing.</param>
/// <param name="Modes">Names of the modes, each once; the others are compared with the first.</param>
/// <param name="Runs">Measured rounds of each mode, at least 1.</param>
/// <param name="Warmup">Rounds before them that are not measured.</param>
/// <param name="Sweep">What to vary, or null.</param>
/// <param name="Lab">Whether every host is the embedded origin on loopback.</param>
/// <param name="Format">What goes to standard output: table, ndjson, json, csv or markdown.</param>
/// <param name="Reports">Files to write the comparison to, each with an extension that a comparison has.</param>
/// <param name="Quiet">No progress and no warnings.</param>
/// <param name="Verbose">A line a round on standard error.</param>
/// <param name="Progress">Whether to show progress; null is only on a terminal.</param>
/// <param name="PassedOn">The options of fetching as they were given, for the processes of the rounds.</param>
/// <param name="Password">The passwords that were asked for on the terminal, a line each, or null.</param>
/// <param name="List">How the sources are read; null is in the usual way.</param>
/// <param name="Against">A JSON report that stands in the first mode's place, or null.</param>
/// <param name="ModesGiven">Whether the modes were given, and are not the default.</param>
/// <param name="FailIf">Conditions on ratios under which the comparison fails, each with its figure.</param>
internal sealed record CompareInvocation(
    IReadOnlyList<string> Sources,
    int Count,
    FetchOptions Options,
    IReadOnlyList<string> Modes,
    int Runs,
    int Warmup,
    Sweep? Sweep,
    bool Lab,
    string Format,
    IReadOnlyList<string> Reports,
    bool Quiet,
    bool Verbose,
    ProgressKind? Progress,
    IReadOnlyList<string> PassedOn,
    string? Password,
    ListOptions? List = null,
    string? Against = null,
    bool ModesGiven = true,
    IReadOnlyList<CompareCondition>? FailIf = null);

/// <summary>What the process of one round is to do.</summary>
/// <param name="Sources">The SOURCE arguments; none is standard input.</param>
/// <param name="Count">How many times over the list is fetched, at least 1.</param>
/// <param name="Options">How URLs are fetched, with the mode and the lab's endpoint.</param>
/// <param name="Idle">Idle connections to keep beside the work.</param>
/// <param name="IdleOrigin">A URL of the origin they lead to; null without any.</param>
/// <param name="List">How the sources are read; null is in the usual way.</param>
internal sealed record RoundInvocation(IReadOnlyList<string> Sources, int Count, FetchOptions Options, int Idle, string? IdleOrigin, ListOptions? List = null);
