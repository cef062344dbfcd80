using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>One transfer after the other.</summary>
internal interface ISlot
{
    /// <summary>All that the URL under way needs; the same for one URL after the other.</summary>
    Transfer Transfer { get; }

    /// <summary>Waits until the transfer is to start.</summary>
    LoopTask<TransferStart> StartAsync();

    /// <summary>Hands the transfer's result over, and gives it the next URL.</summary>
    /// <returns>False when there is none, or another is to have the place.</returns>
    bool Next();
}

/// <summary>When a transfer starts.</summary>
/// <param name="DueAt">When it was due, in nanoseconds of the run's clock.</param>
/// <param name="StartedAt">When its slot took it up, likewise.</param>
/// <param name="IsToBegin">False when the run drained while the URL waited for its turn: its result says that it was cancelled.</param>
internal readonly record struct TransferStart(long DueAt, long StartedAt, bool IsToBegin);
