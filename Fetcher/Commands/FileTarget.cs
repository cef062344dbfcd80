using System.Globalization;

namespace Fetcher.Commands;

/// <summary>What a path leads to, past symbolic links.</summary>
internal static class FileTarget
{
    /// <summary>As many as the kernel follows (path_resolution(7)).</summary>
    private const int MostLinks = 40;

    private static readonly string[] DescriptorFolders = ["/dev/fd/", "/proc/self/fd/"];

    /// <summary>The path itself, or that which its last link names, there or not.</summary>
    /// <exception cref="IOException">There are too many links.</exception>
    public static string Of(string path) => Steps(path).Last();

    /// <summary>The descriptor of this process that a path stands for, as <c>/dev/fd/N</c> and <c>/dev/stdout</c> do; else null.</summary>
    /// <exception cref="IOException">There are too many links.</exception>
    public static int? DescriptorOf(string path) => Steps(path).Select(Descriptor).FirstOrDefault(descriptor => descriptor is not null);

    private static IEnumerable<string> Steps(string path)
    {
        for (var links = 0; links <= MostLinks; links++)
        {
            yield return path;
            if (Descriptor(path) is not null || new FileInfo(path).LinkTarget is not { } target)
            {
                yield break;
            }

            path = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, target);
        }

        throw new IOException("too many symbolic links");
    }

    private static int? Descriptor(string path)
    {
        var folder = Array.Find(DescriptorFolders, folder => path.StartsWith(folder, StringComparison.Ordinal));
        return path switch
        {
            "/dev/stdout" => 1,
            "/dev/stderr" => 2,
            _ when folder is not null && int.TryParse(path.AsSpan(folder.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) => number,
            _ => null,
        };
    }
}
