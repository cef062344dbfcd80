using Fetcher.Core.Interop;

namespace Fetcher.Core.Modes;

/// <summary>How many files this process may have open: a socket each is what thousands of transfers need.</summary>
internal static class FileLimit
{
    /// <summary>Makes the limit as high as the system lets this user have it; the default of many shells is 1024.</summary>
    public static void Raise()
    {
        if (OperatingSystem.IsLinux())
        {
            Libc.RaiseFileLimit();
        }
    }
}
