using System.Globalization;
using Fetcher.Core.Interop;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Saving;

/// <summary>
/// Unfinished bodies under names of fetcher's own. Each is locked (flock(2)) while a process writes it: whoever can lock one knows that its process is
/// gone, wherever that ran.
/// </summary>
internal static class Leftovers
{
    /// <summary>What such names begin and end with.</summary>
    public const string Begin = ".fetcher-", End = ".tmp";

    /// <summary>Makes an unfinished body's file.</summary>
    /// <exception cref="FetchException">It cannot be made.</exception>
    public static SafeFileHandle Create(OutputFolder.Place place, out string name)
    {
        while (true)
        {
            name = string.Create(CultureInfo.InvariantCulture, $"{Begin}{Random.Shared.NextInt64():x16}{End}");
            var file = place.OpenFile(name, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Exclusive);

            // Before it was locked another process may have taken it for a leftover.
            if (!Libc.TryLock(file).WouldBlock && !(Libc.StatAt(file, "", out var facts).Value == 0 && facts.Links == 0))
            {
                return file;
            }

            Libc.CloseLocked(file);
        }
    }

    /// <summary>
    /// Names of unfinished bodies in a folder. Without /proc the folder is read by its path; another may stand there by now, but what is done to the names is
    /// done in the folder that is open.
    /// </summary>
    private static IEnumerable<string> NamesIn(OutputFolder.Place place)
    {
        var options = new EnumerationOptions { AttributesToSkip = FileAttributes.None };
        var path = Directory.Exists(place.OwnPath) ? place.OwnPath : place.Path;
        return Directory.EnumerateFiles(path, $"{Begin}*{End}", options).Select(file => Path.GetFileName(file));
    }

    /// <summary>Removes what runs that were killed have left in a folder. What cannot be removed stays.</summary>
    public static void Clear(OutputFolder.Place place)
    {
        foreach (var name in NamesIn(place))
        {
            if (Libc.StatAt(place.Handle, name, out var facts).IsError || !facts.IsRegular)
            {
                continue;
            }

            var opened = Libc.OpenAt(place.Handle, name, OpenFlags.Read);
            if (!opened.IsError)
            {
                var file = new SafeFileHandle(opened.Value, ownsHandle: true);
                if (!Libc.TryLock(file).IsError)
                {
                    Libc.UnlinkAt(place.Handle, name);
                }

                Libc.CloseLocked(file);
            }
        }
    }
}
