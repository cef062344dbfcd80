namespace Fetcher.Tests.Reports;

/// <summary>Checks that code on the path of every URL leaves the collector alone once it is warm.</summary>
internal static class AllocationCheck
{
    /// <summary>How often it calls what it checks.</summary>
    public const int Total = Calls * (1 + Rounds);

    private const int Calls = 1000;
    private const int Rounds = 5;

    /// <summary>
    /// A collection that another test brings about ends this thread's allocation context, and what was unused of it counts as allocated.
    /// So a round without any allocation is enough: code that allocates does so in every round.
    /// </summary>
    public static void ShouldAllocateNothing(Action action)
    {
        Repeat(action);
        Enumerable.Range(0, Rounds).Min(_ => AllocatedBy(action)).ShouldBe(0);
    }

    private static long AllocatedBy(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(action);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Repeat(Action action)
    {
        for (var call = 0; call < Calls; call++)
        {
            action();
        }
    }
}
