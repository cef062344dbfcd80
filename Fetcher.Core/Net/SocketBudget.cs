using System.Net.Sockets;
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

    /// <summary>Descriptors left to what the process opens beside connections: loops, assemblies, names being looked up.</summary>
    private const int Spare = 32;

    /// <summary>With so many, what is open already does not matter.</summary>
    private const int Plenty = 4096;

    private volatile bool _hasIPv4, _hasIPv6;
    private int _open;

    /// <summary>Connections that there is room for.</summary>
    public int Most => most;

    /// <summary>Connections that there are, or are being opened.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>What this process may have.</summary>
    /// <param name="saves">Whether bodies are saved, which takes a file and a folder for each.</param>
    public static SocketBudget OfThisProcess(bool saves)
    {
        var files = OperatingSystem.IsLinux() ? Libc.GetFileLimit() : long.MaxValue;
        if (files < Plenty)
        {
            files -= Directory.EnumerateFileSystemEntries("/proc/self/fd").Count();
        }

        return new SocketBudget((int)Math.Clamp((files - Spare) / (saves ? 3 : 1), 2, int.MaxValue));
    }

    /// <summary>Takes room for one connection; false when there is none.</summary>
    public bool TryTake()
    {
        if (Interlocked.Increment(ref _open) <= most)
        {
            return true;
        }

        GiveBack();
        return false;
    }

    public void GiveBack() => Interlocked.Decrement(ref _open);

    /// <summary>A connection of this kind has got a local address and port.</summary>
    public void NoteLocalAddress(AddressFamily family)
    {
        _hasIPv4 |= family == AddressFamily.InterNetwork;
        _hasIPv6 |= family == AddressFamily.InterNetworkV6;
    }

    /// <summary>
    /// What EADDRNOTAVAIL means (connect(2)): local ports are scarce, once a connection of this kind had one; before that rather that this machine has no
    /// address of the kind, which no waiting mends.
    /// </summary>
    public bool HasLocalAddress(AddressFamily family) => family switch
    {
        AddressFamily.InterNetwork => _hasIPv4,
        AddressFamily.InterNetworkV6 => _hasIPv6,
        _ => false,
    };
}

/// <summary>The system has no descriptor or no local port left, now.</summary>
internal sealed class NoRoomException(string message) : Exception(message)
{
    /// <summary>The failure that it is when waiting does not help.</summary>
    public FetchException ToFailure() => new(FetchErrorKind.Connect, Message, 7, this);
}
