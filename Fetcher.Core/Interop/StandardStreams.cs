using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

/// <summary>
/// Descriptors 0, 1 and 2. When the program is started with one of them closed, its number goes to whatever is opened next: a file of .NET's own before
/// Main is reached, or a socket, and then the report would be sent to a server.
/// </summary>
internal static class StandardStreams
{
    private static readonly bool[] Closed = new bool[3];
    private static readonly List<SafeHandle> Places = [];

    /// <summary>Finds out which are closed, and takes their numbers where they are free. To be called before anything else is opened.</summary>
    public static void HoldPlaces()
    {
        for (var number = 0; OperatingSystem.IsLinux() && number < Closed.Length; number++)
        {
            if (!Libc.IsOpen(number))
            {
                Closed[number] = true;
                Places.Add(File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
            }
            else if (Libc.ClosesOnExec(number))
            {
                // So it did not come through execve(2): .NET was here first, and needs it.
                Closed[number] = true;
            }
        }
    }

    /// <summary>Whether the program was started with <paramref name="number"/> closed, so that whatever is there now is not to be touched.</summary>
    public static bool IsClosed(int number) => number < Closed.Length && Closed[number];

    /// <summary>Standard input.</summary>
    /// <exception cref="IOException">It is closed.</exception>
    public static Stream OpenInput() => IsClosed(0)
        ? throw new IOException("it is closed")
        : new FileStream(new Microsoft.Win32.SafeHandles.SafeFileHandle(0, ownsHandle: false), FileAccess.Read, bufferSize: 0);
}
