using System.Runtime;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Net;

/// <summary>
/// How many connections a run may have open at once, where open files are scarce (getrlimit(2), RLIMIT_NOFILE): who finds no room waits for another's
/// connection to end, instead of failing. Safe for several loops.
/// </summary>
internal sealed class SocketBudget(int most)
{
    /// <summary>How long to wait before looking for room again, in nanoseconds.</summary>
    public const long Pause = 20_000_000;

    /// <summary>
    /// Descriptors left to what the process opens beside connections: loops, names being looked up, the names of threads. Where .NET's runtime loads
    /// assemblies while the run goes on, it keeps two for each.
    /// </summary>
    private static readonly int Spare = JitInfo.GetCompiledMethodCount() > 0 ? 80 : 32;

    /// <summary>With so many, what is open already does not matter.</summary>
    private const int Plenty = 4096;

    private int _taken;
    private int _connections;
    private long _made;

    /// <summary>Connections that there is room for.</summary>
    public int Most => most;

    /// <summary>Connections that there are now.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Connections that there have been.</summary>
    public long Made => Volatile.Read(ref _made);

    /// <summary>
    /// Whether local ports have run out before. A port whose connection we close is held for a minute (TIME_WAIT, RFC 9293, section 3.6.1), unless it is
    /// closed by a reset.
    /// </summary>
    public bool ArePortsScarce { get; private set; }

    /// <summary>What this process may have.</summary>
    /// <param name="saves">Whether bodies are saved, which takes a file and a folder for each.</param>
    public static SocketBudget OfThisProcess(bool saves)
    {
        var files = OperatingSystem.IsLinux() ? Libc.GetFileLimit() : long.MaxValue;
        if (files < Plenty)
        {
            files -= OpenDescriptors.Count((int)files);
        }

        return new SocketBudget((int)Math.Clamp((files - Spare) / (saves ? 3 : 1), 2, int.MaxValue));
    }

    /// <summary>Takes room for one connection that is to be opened; false when there is none.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _taken) <= most)
        {
            return true;
        }

        GiveBack();
        return false;
    }

    /// <summary>The connection was not opened.</summary>
    public void GiveBack() => Interlocked.Decrement(ref _taken);

    public void NoteOpened()
    {
        Interlocked.Increment(ref _connections);
        Interlocked.Increment(ref _made);
    }

    public void NoteClosed()
    {
        Interlocked.Decrement(ref _connections);
        GiveBack();
    }

    /// <summary>
    /// What EADDRNOTAVAIL means (connect(2)): local ports are scarce; or this machine has no address that could reach <paramref name="address"/>, which no
    /// waiting mends. A datagram socket tells: connecting it takes an address and a port of another kind, and sends nothing; it says EAGAIN when those
    /// ports have run out too, as they do when many ask at once.
    /// </summary>
    public bool FindPortsScarce(in SockAddr address)
    {
        var opened = Libc.DatagramSocket(address.Family);
        if (opened.IsError)
        {
            return true;
        }

        using var probe = new SocketFd(opened.Value);
        var connected = Libc.Connect(probe.Number, address);
        return (!connected.IsError || connected.WouldBlock) && (ArePortsScarce = true);
    }
}

/// <summary>
/// How long to wait for room: while connections of the run are open or come about, one of them will make some; after that others hold what is missing.
/// </summary>
/// <param name="sockets">Where the room is.</param>
/// <param name="limit">How long to wait for others, in nanoseconds.</param>
internal sealed class Patience(SocketBudget sockets, long limit)
{
    private long _made;
    private long? _until;

    public bool IsOver(long now)
    {
        if (_until is null || sockets.Connections > 0 || sockets.Made != _made)
        {
            (_made, _until) = (sockets.Made, now + limit);
        }

        return now >= _until;
    }
}

/// <summary>The system has no descriptor or no local port left, now.</summary>
/// <param name="target">What was to be connected to.</param>
/// <param name="reason">What the system says.</param>
internal sealed class NoRoomException(string target, string reason) : Exception(reason)
{
    /// <summary>The failure that it is when waiting does not help.</summary>
    public FetchException ToFailure() => Failures.NoRoom.Of(target, Message).Thrown(this);
}
