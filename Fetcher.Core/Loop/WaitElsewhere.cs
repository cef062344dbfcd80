namespace Fetcher.Core.Loop;

/// <summary>
/// Waits for what happens elsewhere, such as on a disk or a thread of the pool, in the way that suits the caller: on a loop, others are served meanwhile.
/// </summary>
/// <param name="elsewhere">What happens there. How it ends is for the caller to see.</param>
/// <param name="deadline">When to give up, in nanoseconds of the run's clock.</param>
/// <returns>False when <paramref name="deadline"/> passed first.</returns>
/// <exception cref="OperationCanceledException">The run is being stopped.</exception>
internal delegate LoopTask<bool> WaitElsewhere(Task elsewhere, long deadline);
