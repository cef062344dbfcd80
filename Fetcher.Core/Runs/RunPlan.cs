using Fetcher.Core.Fetch;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Modes;

namespace Fetcher.Core.Runs;

/// <summary>How a run is done: what <see cref="FetchSession.Open"/> needs besides the work.</summary>
internal sealed record RunPlan(FetchOptions Options)
{
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>Cancelled when the run is to stop: what is under way ends as <c>cancelled</c>, nothing new begins.</summary>
    public CancellationToken Stop { get; init; }

    /// <summary>Cancelled when nothing new is to begin; what is under way may go on to its end. A stop does so too.</summary>
    public CancellationToken Drain { get; init; }

    /// <summary>Reads the bodies, or null.</summary>
    public BodyReader? BodyReader { get; init; }

    /// <summary>Connections to open before the run begins and to keep beside it, or null.</summary>
    public IdleCrowd? Crowd { get; init; }

    /// <summary>Paths of files that the run is reported in, and that no body may take.</summary>
    public IEnumerable<string> ReportPaths { get; init; } = [];

    /// <summary>
    /// Whether the process is there for this run alone, so that what is the whole process's may be changed: its limit of open files, when its
    /// garbage is collected, and whether .NET finds the system's certificates.
    /// </summary>
    public bool OwnsProcess { get; init; }

    /// <summary>Whether the process makes TLS connections besides those of the run, for which the system's certificates are needed.</summary>
    public bool KeepsSystemTrust { get; init; }

    /// <summary>How it waits.</summary>
    public Mode Mode => ModeCatalog.Find(Options.Mode) ?? throw new ArgumentException($"'{Options.Mode}' is the name of no mode");

    /// <summary>Why the mode cannot run on this machine, or not with these options, in one sentence; null when it can.</summary>
    public string? WhyNot()
    {
        if (Mode.WhyNot(Options) is { } reason)
        {
            return $"the mode {Mode.Name} cannot run: {reason}";
        }

        // What limits a mode is its descriptors, and an idle connection has one like any other.
        return Crowd is not null && Mode.WhyNot(Options with { Concurrency = Options.Concurrency + Crowd.Count }) is { } limit
            ? $"the mode {Mode.Name} cannot run with {Crowd.Count} idle connections: {limit}"
            : null;
    }
}
