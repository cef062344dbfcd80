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

    private static partial class Native
    {
        [LibraryImport(Library)]
        internal static unsafe partial int getrlimit(int resource, nuint* limit);

        [LibraryImport(Library)]
        internal static unsafe partial int setrlimit(int resource, nuint* limit);
    }
}
