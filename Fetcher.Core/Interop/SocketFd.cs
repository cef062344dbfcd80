using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Interop;

/// <summary>Owns one file descriptor and closes it exactly once.</summary>
internal sealed class SocketFd : SafeHandleMinusOneIsInvalid
{
    public SocketFd(int fd)
        : base(ownsHandle: true) => SetHandle(fd);

    /// <summary>The descriptor's number, for a system call made while this object is alive.</summary>
    public int Number => (int)handle;

    protected override bool ReleaseHandle() => !Libc.Close((int)handle).IsError;
}
