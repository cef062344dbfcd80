using System.Diagnostics;

namespace Fetcher.Tests.Saving;

/// <summary>A file system of a few kilobytes, so that it can be full (tmpfs(5)). Only root can have one; others skip the test.</summary>
internal sealed class TinyDisk : IDisposable
{
    private readonly string _path;

    private TinyDisk(string path) => _path = path;

    /// <summary>Mounts it over a folder, which is made if need be.</summary>
    public static TinyDisk Mount(string path, string size)
    {
        Directory.CreateDirectory(path);
        Assert.SkipWhen(Run("mount", "-t", "tmpfs", "-o", $"size={size}", "none", path) != 0, "a tmpfs cannot be mounted here");
        return new TinyDisk(path);
    }

    public void Resize(string size) => Run("mount", "-o", $"remount,size={size}", _path).ShouldBe(0);

    public void Dispose() => Run("umount", "-l", _path).ShouldBe(0);

    private static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
