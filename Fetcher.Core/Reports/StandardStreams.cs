using System.Runtime.InteropServices;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Reports;

/// <summary>
/// Descriptors 0, 1 and 2. When the program is started with one of them closed, the kernel gives its number to the next socket, and the report would be
/// sent to a server.
/// </summary>
internal static class StandardStreams
{
    private static readonly List<SafeHandle> Places = [];

    /// <summary>
    /// Takes the numbers of those that are closed, so that reading or writing them goes on to fail. To be called before anything else is opened.
    /// </summary>
    public static void HoldPlaces()
    {
        for (var number = 0; OperatingSystem.IsLinux() && number <= 2; number++)
        {
            if (!Libc.IsOpen(number))
            {
                // The other way round than it would be used: EBADF, as if it were closed.
                var access = number == 0 ? FileAccess.Write : FileAccess.Read;
                Places.Add(File.OpenHandle("/dev/null", FileMode.Open, access, FileShare.ReadWrite));
            }
        }
    }
}
