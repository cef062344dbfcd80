using System.Runtime.InteropServices;

namespace Fetcher.Tests.Testing;

/// <summary>File descriptors by their numbers.</summary>
internal static partial class Descriptors
{
    /// <summary>Makes the number <paramref name="to"/> another name of <paramref name="from"/>; what it named before is closed (dup2(2)).</summary>
    public static void Duplicate(int from, int to) => dup2(from, to).ShouldBe(to);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);
}
