using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    private const int IpLevel = 0, SocketLevel = 1, TcpLevel = 6;
    private const int PeekFlag = 0x02, Truncate = 0x20, DontWait = 0x40, NoSignal = 0x4000;

    /// <summary>socket(2): a stream socket (TCP, or a Unix socket), non-blocking and closed on exec.</summary>
    public static SysResult StreamSocket(AddressFamily family) => Socket(family, type: 1);

    /// <summary>socket(2): a datagram socket, likewise.</summary>
    public static SysResult DatagramSocket(AddressFamily family) => Socket(family, type: 2);

    /// <summary>bind(2) to a local address; the port is chosen as late as connect (ip(7), IP_BIND_ADDRESS_NO_PORT), so that they last longer.</summary>
    public static unsafe SysResult Bind(int fd, in SockAddr address)
    {
        const int BindAddressNoPort = 24;
        var on = 1;
        SetOption(fd, IpLevel, BindAddressNoPort, &on, sizeof(int));
        SyscallCounters.Current.Count(Syscall.Bind);
        fixed (SockAddr* start = &address)
        {
            return Result(Native.bind(fd, start, address.Length));
        }
    }

    /// <summary>Sends and receives by one network device alone (socket(7), SO_BINDTODEVICE).</summary>
    public static unsafe SysResult BindToDevice(int fd, string device)
    {
        const int BindToDeviceOption = 25;
        var name = Encoding.UTF8.GetBytes(device);
        fixed (byte* start = name)
        {
            return SetOption(fd, SocketLevel, BindToDeviceOption, start, name.Length);
        }
    }

    /// <summary>connect(2). Not repeated on EINTR: the attempt goes on in the kernel, which the next call tells.</summary>
    public static unsafe SysResult Connect(int fd, in SockAddr address)
    {
        SyscallCounters.Current.Count(Syscall.Connect);
        fixed (SockAddr* start = &address)
        {
            return Result(Native.connect(fd, start, address.Length));
        }
    }

    /// <summary>send(2) without SIGPIPE.</summary>
    public static unsafe SysResult Send(int fd, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            SysResult result;
            do
            {
                SyscallCounters.Current.Count(Syscall.Send);
                result = Result(Native.send(fd, start, (nuint)data.Length, NoSignal));
            }
            while (result.Error == Errno.EINTR);
            return result;
        }
    }

    /// <summary>recv(2). Whether it waits is the descriptor's own property; see <see cref="SetBlocking"/>.</summary>
    /// <param name="fd">The socket.</param>
    /// <param name="buffer">Where to, and how much at most.</param>
    /// <param name="drop">Whether the bytes are dropped where that saves copying them (MSG_TRUNC, tcp(7)): the buffer may get none.</param>
    public static unsafe SysResult Receive(int fd, Span<byte> buffer, bool drop = false)
    {
        fixed (byte* start = buffer)
        {
            var counters = SyscallCounters.Current;
            SysResult result;
            do
            {
                counters.Count(Syscall.Recv);
                result = Result(Native.recv(fd, start, (nuint)buffer.Length, drop ? Truncate : 0));
            }
            while (result.Error == Errno.EINTR);
            counters.NoteReceived(result);
            return result;
        }
    }

    /// <summary>As <see cref="Send"/>, and never waits (MSG_DONTWAIT). Costs less, since the garbage collector is not told of it (bench/NOTES.md).</summary>
    public static unsafe SysResult SendAtOnce(int fd, ReadOnlySpan<byte> data)
    {
        fixed (byte* start = data)
        {
            SysResult result;
            do
            {
                SyscallCounters.Current.Count(Syscall.Send);
                result = ResultAtOnce(Native.SendAtOnce(fd, start, (nuint)data.Length, NoSignal | DontWait));
            }
            while (result.Error == Errno.EINTR);
            return result;
        }
    }

    /// <summary>As <see cref="Receive"/>, and never waits. Likewise.</summary>
    public static unsafe SysResult ReceiveAtOnce(int fd, Span<byte> buffer, bool drop = false)
    {
        fixed (byte* start = buffer)
        {
            var counters = SyscallCounters.Current;
            SysResult result;
            do
            {
                counters.Count(Syscall.Recv);
                result = ResultAtOnce(Native.ReceiveAtOnce(fd, start, (nuint)buffer.Length, drop ? Truncate | DontWait : DontWait));
            }
            while (result.Error == Errno.EINTR);
            counters.NoteReceived(result);
            return result;
        }
    }

    /// <summary>recv(2) of one byte that stays where it is, and never waits: 0 is the peer's end, EAGAIN is no news.</summary>
    public static unsafe SysResult Peek(int fd)
    {
        SyscallCounters.Current.Count(Syscall.Recv);
        byte one;
        return Result(Native.recv(fd, &one, 1, PeekFlag | DontWait));
    }

    /// <summary>As <see cref="Peek"/>, and waits as the socket waits.</summary>
    public static unsafe SysResult PeekInPlace(int fd)
    {
        byte one;
        SysResult result;
        do
        {
            SyscallCounters.Current.Count(Syscall.Recv);
            result = Result(Native.recv(fd, &one, 1, PeekFlag));
        }
        while (result.Error == Errno.EINTR);
        return result;
    }

    /// <summary>shutdown(2) in both directions: wakes whoever stands in a call on the socket, also in connect.</summary>
    public static SysResult Shutdown(int fd)
    {
        SyscallCounters.Current.Count(Syscall.Shutdown);
        const int Both = 2;
        return Result(Native.shutdown(fd, Both));
    }

    /// <summary>Turns Nagle's algorithm off (tcp(7), TCP_NODELAY): a request goes out when it is written.</summary>
    public static unsafe SysResult SetNoDelay(int fd)
    {
        const int NoDelay = 1;
        var on = 1;
        return SetOption(fd, TcpLevel, NoDelay, &on, sizeof(int));
    }

    /// <summary>Has close(2) drop what has not been sent and reset the connection (socket(7), SO_LINGER of no time).</summary>
    public static unsafe SysResult LingerNotAtAll(int fd)
    {
        const int Linger = 13;
        var onForNoTime = stackalloc int[] { 1, 0 };
        return SetOption(fd, SocketLevel, Linger, onForNoTime, 2 * sizeof(int));
    }

    /// <summary>The longest that a blocking receive waits before it says EAGAIN (socket(7), SO_RCVTIMEO). Zero waits for ever.</summary>
    public static SysResult SetReceiveTimeout(int fd, long nanoseconds) => SetTimeout(fd, 20, nanoseconds);

    /// <summary>The longest that a blocking send or connect waits (socket(7), SO_SNDTIMEO). Zero waits for ever.</summary>
    public static SysResult SetSendTimeout(int fd, long nanoseconds) => SetTimeout(fd, 21, nanoseconds);

    /// <summary>The local port of a connected socket (getsockname(2)).</summary>
    public static unsafe int GetLocalPort(int fd)
    {
        SyscallCounters.Current.Count(Syscall.GetSockName);
        SockAddr address = default;
        var length = SockAddr.Capacity;
        return Result(Native.getsockname(fd, &address, &length)).IsError ? 0 : address.Port;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static SysResult ResultAtOnce(nint returned) => Ended(new SysResult(returned >= 0 ? (int)returned : -Marshal.GetLastSystemError()));

    private static SysResult Socket(AddressFamily family, int type)
    {
        SyscallCounters.Current.Count(Syscall.Socket);
        const int Local = 1, Inet = 2, Inet6 = 10, NonBlock = 0x800, CloseOnExec = 0x80000;
        var domain = family switch
        {
            AddressFamily.Unix => Local,
            AddressFamily.InterNetworkV6 => Inet6,
            _ => Inet,
        };
        return Result(Native.socket(domain, type | NonBlock | CloseOnExec, 0));
    }

    private static unsafe SysResult SetTimeout(int fd, int option, long nanoseconds)
    {
        // A timeval of zero means no limit, so the shortest limit is a microsecond.
        var microseconds = nanoseconds <= 0 ? 0 : Math.Max(1, nanoseconds / 1000);
        var time = stackalloc nint[2];
        time[0] = (nint)(microseconds / 1_000_000);
        time[1] = (nint)(microseconds % 1_000_000);
        return SetOption(fd, SocketLevel, option, time, 2 * sizeof(nint));
    }

    private static unsafe SysResult SetOption(int fd, int level, int option, void* value, int length)
    {
        SyscallCounters.Current.Count(Syscall.SetSockOpt);
        return Result(Native.setsockopt(fd, level, option, value, length));
    }

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true)]
        internal static partial int socket(int domain, int type, int protocol);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int connect(int fd, SockAddr* address, int length);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int bind(int fd, SockAddr* address, int length);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial nint send(int fd, byte* data, nuint length, int flags);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial nint recv(int fd, byte* buffer, nuint length, int flags);

        [LibraryImport(Library, EntryPoint = "send")]
        [SuppressGCTransition]
        internal static unsafe partial nint SendAtOnce(int fd, byte* data, nuint length, int flags);

        [LibraryImport(Library, EntryPoint = "recv")]
        [SuppressGCTransition]
        internal static unsafe partial nint ReceiveAtOnce(int fd, byte* buffer, nuint length, int flags);

        [LibraryImport(Library, SetLastError = true)]
        internal static partial int shutdown(int fd, int how);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int setsockopt(int fd, int level, int option, void* value, int length);

        [LibraryImport(Library, SetLastError = true)]
        internal static unsafe partial int getsockname(int fd, SockAddr* address, int* length);
    }
}
