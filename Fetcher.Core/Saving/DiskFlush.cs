using Fetcher.Core.Interop;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Saving;

/// <summary>Waits until the disk has a file (fsync(2)). .NET's own way leaves errors out that tell of a failing disk.</summary>
internal static class DiskFlush
{
    /// <exception cref="IOException">The disk failed. What was written before is then in doubt, and asking again would not tell.</exception>
    public static void Flush(SafeFileHandle file)
    {
        // A file system that knows no fsync says so; what it was told is then as safe as it will be.
        if (Libc.Sync(file) is { IsError: true } synced && synced.Error is not (Errno.EINVAL or Errno.EROFS or Errno.EOPNOTSUPP or Errno.ENOSYS))
        {
            throw new IOException($"the disk failed to store it: {synced.Message}", (int)synced.Error);
        }
    }
}
