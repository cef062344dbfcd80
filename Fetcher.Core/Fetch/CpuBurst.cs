using Fetcher.Core.Interop;

namespace Fetcher.Core.Fetch;

/// <summary>Work that no way of waiting can help with: burns CPU time on the thread that handles a body.</summary>
internal static class CpuBurst
{
    /// <summary>Keeps this thread busy until it has used <paramref name="amount"/> of CPU time.</summary>
    public static void Burn(TimeSpan amount)
    {
        var end = Libc.ThreadCpuTime() + Nanoseconds.From(amount);
        while (Libc.ThreadCpuTime() < end)
        {
            Thread.SpinWait(200);
        }
    }
}
