using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>Raises this process's soft limit of open files to the hard one (setrlimit(2), RLIMIT_NOFILE), and gives the limit now in force.</summary>
    public static unsafe long RaiseFileLimit()
    {
        const int OpenFiles = 7;
        var limit = stackalloc nuint[2];
        if (Native.getrlimit(OpenFiles, limit) != 0)
        {
            return 0;
        }

        var (soft, hard) = (limit[0], limit[1]);
        limit[0] = hard;
        return (long)(Native.setrlimit(OpenFiles, limit) == 0 ? hard : soft);
    }

    /// <summary>How many files this process may have open: the soft limit, or the largest number when there is none.</summary>
    public static unsafe long GetFileLimit()
    {
        const int OpenFiles = 7;
        var limit = stackalloc nuint[2];
        return Native.getrlimit(OpenFiles, limit) == 0 && limit[0] <= int.MaxValue ? (long)limit[0] : int.MaxValue;
    }

    /// <summary>How many processes and threads this user may have (getrlimit(2), RLIMIT_NPROC); the largest number when there is no limit.</summary>
    public static unsafe long GetProcessLimit()
    {
        const int Processes = 6;
        var limit = stackalloc nuint[2];
        return Native.getrlimit(Processes, limit) == 0 && limit[0] <= int.MaxValue ? (long)limit[0] : int.MaxValue;
    }

    /// <summary>Whether this process may have only so much address space or data (getrlimit(2), RLIMIT_AS and RLIMIT_DATA).</summary>
    public static unsafe bool HasMemoryLimit()
    {
        const int Data = 2, AddressSpace = 9;
        var limit = stackalloc nuint[2];
        return (Native.getrlimit(AddressSpace, limit) == 0 && limit[0] != nuint.MaxValue)
            || (Native.getrlimit(Data, limit) == 0 && limit[0] != nuint.MaxValue);
    }

    /// <summary>Ends the process here and now (_exit(2)): nothing is run, flushed or waited for.</summary>
    public static void Exit(int status) => Native._exit(status);

    private static partial class Native
    {
        [LibraryImport(Library)]
        internal static unsafe partial int getrlimit(int resource, nuint* limit);

        [LibraryImport(Library)]
        internal static unsafe partial int setrlimit(int resource, nuint* limit);

        [LibraryImport(Library)]
        internal static partial void _exit(int status);
    }
}
