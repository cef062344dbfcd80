using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>Has the kernel note when what is received came to this machine (SO_TIMESTAMPING in its networking/timestamping.rst).</summary>
    public static unsafe SysResult StampReceived(int fd)
    {
        const int Timestamping = 37, ReceiveSoftware = 1 << 3, Software = 1 << 4;
        var flags = ReceiveSoftware | Software;
        return SetOption(fd, SocketLevel, Timestamping, &flags, sizeof(int));
    }

    /// <summary>recvmsg(2) into one buffer, with the time at which the last of it came.</summary>
    /// <param name="fd">A TCP socket for which <see cref="StampReceived"/> was called.</param>
    /// <param name="buffer">Where to.</param>
    /// <param name="stamp">Nanoseconds of CLOCK_REALTIME, or 0 when the kernel gave none.</param>
    public static SysResult ReceiveStamped(int fd, Span<byte> buffer, out long stamp)
    {
        var result = ReceiveMessage(fd, buffer, flags: 0, out stamp);
        SyscallCounters.Current.NoteReceived(result);
        return result;
    }

    /// <summary>
    /// As <see cref="Peek"/>, and when the first of what lies there came, as far as the kernel knows: it keeps one time for a piece of the stream, that of its end.
    /// </summary>
    /// <param name="fd">A TCP socket for which <see cref="StampReceived"/> was called.</param>
    /// <param name="stamp">Nanoseconds of CLOCK_REALTIME, or 0 when nothing lies there or the kernel gave none.</param>
    public static SysResult PeekStamped(int fd, out long stamp)
    {
        Span<byte> one = stackalloc byte[1];
        return ReceiveMessage(fd, one, PeekFlag | DontWait, out stamp);
    }

    private static unsafe SysResult ReceiveMessage(int fd, Span<byte> buffer, int flags, out long stamp)
    {
        fixed (byte* start = buffer)
        {
            var control = stackalloc long[ControlMessage.Capacity / sizeof(long)];
            var piece = new IoVector { Start = start, Length = (nuint)buffer.Length };
            MessageHeader message;
            SysResult result;
            do
            {
                message = new MessageHeader { Pieces = &piece, PieceCount = 1, Control = (byte*)control, ControlLength = ControlMessage.Capacity };
                SyscallCounters.Current.Count(Syscall.RecvMsg);
                result = Result(Native.recvmsg(fd, &message, flags));
            }
            while (result.Error == Errno.EINTR);
            stamp = result.IsError ? 0 : ControlMessage.StampIn((byte*)control, message.ControlLength);
            return result;
        }
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial nint recvmsg(int fd, MessageHeader* message, int flags);
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct IoVector
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct MessageHeader
    {
        public void* Name;
        public uint NameLength;
        public IoVector* Pieces;
        public nuint PieceCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct cmsghdr</c> (cmsg(3)) as a 64-bit kernel lays it out.</summary>
    private static class ControlMessage
    {
        /// <summary>A header and three times, of which the first is that of software.</summary>
        public const int Capacity = HeaderLength + (3 * 16);

        private const int HeaderLength = 16;

        /// <summary>Of messages the kernel writes one alone, since one alone was asked for.</summary>
        public static unsafe long StampIn(byte* control, nuint length)
        {
            const int Level = 8, Type = 12, Timestamping = 37;
            return length >= HeaderLength + 16 && *(int*)(control + Level) == SocketLevel && *(int*)(control + Type) == Timestamping
                ? (*(long*)(control + HeaderLength) * 1_000_000_000) + *(long*)(control + HeaderLength + 8)
                : 0;
        }
    }
}
