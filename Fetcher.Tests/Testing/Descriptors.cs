using System.Globalization;
using System.Runtime.InteropServices;

namespace Fetcher.Tests.Testing;

/// <summary>File descriptors by their numbers.</summary>
internal static partial class Descriptors
{
    /// <summary>
    /// Makes the number <paramref name="to"/> another name of <paramref name="from"/>; what it named before is closed (dup2(2)).
    /// </summary>
    public static void Duplicate(int from, int to) => dup2(from, to).ShouldBe(to);

    /// <summary>
    /// Takes every free number up to <paramref name="highest"/>, but for the lowest <paramref name="leave"/> of them, until disposed.
    /// </summary>
    public static IDisposable TakeUpTo(int highest, int leave = 0)
    {
        var taken = new List<int>();
        do
        {
            taken.Add(dup(2));
            taken[^1].ShouldBeGreaterThan(0);
        }
        while (taken[^1] < highest);

        var result = new Taken(taken);
        result.GiveBack(leave);
        return result;
    }

    /// <summary>
    /// Copies the descriptors of this process that lead to a path that begins so, as a child process has them between fork(2) and execve(2), until
    /// disposed.
    /// </summary>
    public static IDisposable CopyThoseOf(string paths)
    {
        var copies = Directory.EnumerateFileSystemEntries("/proc/self/fd")
            .Where(link => new FileInfo(link).LinkTarget?.StartsWith(paths, StringComparison.Ordinal) == true)
            .Select(link => dup(int.Parse(Path.GetFileName(link), CultureInfo.InvariantCulture))).ToList();
        copies.ShouldNotBeEmpty();
        copies.ShouldAllBe(copy => copy > 0);
        return new Taken(copies);
    }

    [LibraryImport("libc")]
    private static partial int dup(int fd);

    [LibraryImport("libc")]
    private static partial int dup2(int from, int to);

    [LibraryImport("libc")]
    private static partial int close(int fd);

    private sealed class Taken(List<int> numbers) : IDisposable
    {
        public void GiveBack(int count)
        {
            numbers.Take(count).ToList().ForEach(number => close(number).ShouldBe(0));
            numbers.RemoveRange(0, count);
        }

        public void Dispose() => GiveBack(numbers.Count);
    }
}
