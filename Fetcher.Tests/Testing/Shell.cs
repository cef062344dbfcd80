using System.Diagnostics;

namespace Fetcher.Tests.Testing;

/// <summary>Runs a line of shell, for what has to be set up around a program before it starts: limits, closed descriptors, namespaces.</summary>
internal static class Shell
{
    /// <summary>Runs <paramref name="script"/> with <paramref name="arguments"/> as <c>$1</c>, <c>$2</c> and so on.</summary>
    public static async Task<Ran> RunAsync(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("/bin/bash", ["-c", script, "bash", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return new Ran(process.ExitCode, await output, await error);
    }

    /// <summary>Skips the test unless <paramref name="script"/> succeeds on this machine.</summary>
    public static async Task NeedsAsync(string script, string reason) =>
        Assert.SkipUnless((await RunAsync(script)).ExitCode == 0, reason);
}
