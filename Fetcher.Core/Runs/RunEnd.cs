using Fetcher.Core.Loop.Watching;

namespace Fetcher.Core.Runs;

/// <summary>How a run ended, besides the results of its URLs.</summary>
internal sealed record RunEnd
{
    /// <summary>When it began, in nanoseconds of its clock.</summary>
    public required long StartedAt { get; init; }

    /// <summary>What its loops did, of those that were watched.</summary>
    public required IReadOnlyCollection<LoopRecord> Loops { get; init; }

    /// <summary>Whether it was stopped or drained, so that not all of the work may have begun.</summary>
    public required bool IsCutShort { get; init; }

    /// <summary>A failure of the program or the machine that kept the run from its end, or null.</summary>
    public Exception? Fault { get; init; }

    /// <summary>Why the list could not be read to its end, or null.</summary>
    public IOException? InputError { get; init; }

    /// <summary>Why the journal could not be written, for which the run was stopped, or null.</summary>
    public IOException? JournalError { get; init; }

    /// <summary>Why the archive could not be written, for which the run was stopped, or null.</summary>
    public IOException? ArchiveError { get; init; }

    /// <summary>Why the cookies could not be written, or null.</summary>
    public Exception? CookieError { get; init; }

    /// <summary>The first of these, or null when all that was asked for has been done.</summary>
    public Exception? Error => Fault ?? InputError ?? JournalError ?? ArchiveError ?? CookieError;
}
