using System.Globalization;
using Fetcher.Core.Interop;
using Fetcher.Core.Net;

namespace Fetcher.Core.Modes;

/// <summary>
/// What the system lets this process have: looked at before a run begins, since .NET ends the process, with SIGABRT or not at all, where it cannot have a
/// thread or a descriptor of its own later.
/// </summary>
internal static class ProcessRoom
{
    /// <summary>Threads that .NET starts when it needs them: its pool's, its timer, those that handle signals.</summary>
    private const int ThreadsOfDotNet = 7;

    /// <summary>Descriptors of a transfer: its connection, and what is open for a moment.</summary>
    private const int FilesOfTransfer = 2;

    /// <summary>A limit of threads or processes from which on nobody is short of them.</summary>
    private const long Plenty = 4096;

    /// <summary>Threads that are tried at most: a mode with a thread for each transfer may have more.</summary>
    private const int MostTried = 64;

    private const int SmallStack = 64 * 1024;

    /// <summary>Makes sure that the process can have so many threads and files more than it has.</summary>
    /// <param name="threads">Threads of the program's own.</param>
    /// <param name="files">Descriptors, besides those of one transfer.</param>
    /// <exception cref="IOException">It cannot.</exception>
    public static void Ensure(int threads, int files)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var (most, open) = (Libc.GetFileLimit(), 0);
        var needed = files + FilesOfTransfer;
        if (most < Plenty && needed + (open = OpenDescriptors.Count((int)most)) > most)
        {
            throw new IOException(string.Create(
                CultureInfo.InvariantCulture, $"this run needs {needed + open} open files, and the process may have {most} (ulimit -n)"));
        }

        var wanted = Math.Min(threads + ThreadsOfDotNet, MostTried);
        if (Libc.HasMemoryLimit() && !CanStart(wanted, stack: 0))
        {
            throw new IOException($"this run needs {wanted} threads more, and the process has no address space left for their stacks (ulimit -v, ulimit -d)");
        }

        if ((Libc.GetProcessLimit() < Plenty || ContainerLimit() < Plenty) && !CanStart(wanted, SmallStack))
        {
            throw new IOException($"this run needs {wanted} threads more, and the system lets this process have fewer (ulimit -u, or pids.max of its container)");
        }
    }

    /// <summary>pids.max of this process's control group, where it can be seen (cgroups(7)).</summary>
    private static long ContainerLimit()
    {
        const string Root = "/sys/fs/cgroup";
        try
        {
            var group = File.ReadLines("/proc/self/cgroup").FirstOrDefault(line => line.StartsWith("0::", StringComparison.Ordinal))?[3..] ?? "/";
            var paths = (string[])[$"{Root}{group.TrimEnd('/')}/pids.max", $"{Root}/pids.max"];
            return Array.Find(paths, File.Exists) is { } path
                && long.TryParse(File.ReadAllText(path), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var most) ? most : long.MaxValue;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Without /proc or /sys nothing is known, so it is tried.
            return 0;
        }
    }

    private static bool CanStart(int count, int stack)
    {
        using var end = new ManualResetEvent(initialState: false);
        var started = new List<Thread>(count);
        try
        {
            for (var i = 0; i < count; i++)
            {
                var thread = new Thread(() => end.WaitOne(), stack) { IsBackground = true };
                thread.Start();
                started.Add(thread);
            }

            return true;
        }
        catch (OutOfMemoryException)
        {
            // pthread_create(3), EAGAIN.
            return false;
        }
        finally
        {
            end.Set();
            started.ForEach(thread => thread.Join());
        }
    }
}
