using Fetcher.Core.Loop;

namespace Fetcher.Tests.Testing;

internal static class LoopTasks
{
    /// <summary>As a task, which a test may look at more than once.</summary>
    public static async Task<T> AsTask<T>(this LoopTask<T> result) => await result.ConfigureAwait(false);
}
