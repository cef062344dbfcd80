namespace Fetcher.Tests.Reports;

/// <summary>Checks that code on the path of every URL leaves the collector alone once it is warm.</summary>
internal static class AllocationCheck
{
    private const int Rounds = 1000;

    public static void ShouldAllocateNothing(Action action)
    {
        Repeat(action);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Repeat(action);
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBe(0);
    }

    private static void Repeat(Action action)
    {
        for (var round = 0; round < Rounds; round++)
        {
            action();
        }
    }
}
