using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>The places of the transfers under way: one may leave its own to others while it waits for its next attempt.</summary>
internal interface IPlaces
{
    /// <summary>Lets others have the place of a transfer.</summary>
    /// <returns>False when so many wait already that the transfer has to keep it.</returns>
    bool TryPause();

    /// <summary>Takes a place again, as soon as one is free.</summary>
    ValueTask ResumeAsync();

    /// <summary>Waits for the turn of a further attempt, which is a start like any other under <c>--rate</c>.</summary>
    /// <param name="deadline">When to go on without, in nanoseconds of the run's clock.</param>
    /// <exception cref="OperationCanceledException">Nothing new is to begin.</exception>
    ValueTask WaitForTurnAsync(long deadline);

    /// <summary>Takes a place, free or not: nothing is left to do but to end.</summary>
    void ResumeToEnd();

    /// <summary>Goes on where the transfers run, wherever a wait has ended.</summary>
    PostedReturn ReturnAsync();

    /// <summary>Waits for something that happens elsewhere, however it ends.</summary>
    /// <returns>False when <paramref name="deadline"/>, in nanoseconds of the run's clock, passed first.</returns>
    /// <exception cref="OperationCanceledException">The run is being stopped.</exception>
    LoopTask<bool> WaitForAsync(Task elsewhere, long deadline);
}
