using Fetcher.Core.Interop;

namespace Fetcher.Core.Fetch;

/// <summary>Work that no way of waiting can help with: burns CPU time on the thread that handles a body.</summary>
internal static class CpuBurst
{
    /// <summary>Keeps this thread busy until it has used <paramref name="amount"/> of CPU time.</summary>
    public static void Burn(TimeSpan amount)
    {
        var end = UsedSoFar() + Nanoseconds.From(amount);
        while (UsedSoFar() < end)
        {
            Thread.SpinWait(200);
        }
    }

    // Where no thread's CPU time can be asked for, the time that passes has to do.
    private static long UsedSoFar() => OperatingSystem.IsLinux() ? Libc.ThreadCpuTime() : MonotonicClock.Now(TimeProvider.System);
}
