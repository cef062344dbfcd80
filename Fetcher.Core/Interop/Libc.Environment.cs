using System.Runtime.InteropServices;

namespace Fetcher.Core.Interop;

internal static partial class Libc
{
    /// <summary>Sets a variable for native libraries in this process (setenv(3)), which .NET's own environment does not reach. Not safe beside getenv.</summary>
    public static SysResult SetEnvironment(string name, string value) => Result(Native.setenv(name, value, 1));

    private static partial class Native
    {
        [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
        internal static partial int setenv(string name, string value, int overwrite);
    }
}
