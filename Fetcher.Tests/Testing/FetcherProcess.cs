using System.Diagnostics;

namespace Fetcher.Tests.Testing;

/// <summary>What a run of the built program printed, and how it ended.</summary>
internal sealed record Ran(int ExitCode, string Output, string Error)
{
    public string[] Lines => Output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

/// <summary>Runs the fetcher as a user would: the one that <c>FETCHER_BINARY</c> names, such as a published native binary, or the one that was built beside the tests.</summary>
internal static class FetcherProcess
{
    /// <summary>The path of the program.</summary>
    public static string Executable { get; } = Environment.GetEnvironmentVariable("FETCHER_BINARY") is { Length: > 0 } binary
        ? Path.GetFullPath(binary)
        : Path.Combine(AppContext.BaseDirectory, "fetcher");

    /// <summary>Runs it to its end.</summary>
    public static Task<Ran> RunAsync(params string[] arguments) => RunAsync("", arguments);

    /// <summary>Runs it to its end, with a text on standard input.</summary>
    public static async Task<Ran> RunAsync(string input, string[] arguments)
    {
        using var process = Start(arguments);
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        return new Ran(process.ExitCode, await output, await error);
    }

    /// <summary>Sends a signal by its short name, such as INT.</summary>
    public static void Signal(this Process process, string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Sends a signal twice within microseconds, as timeout(1) does when it signals its child and then its group.</summary>
    public static void SignalTwice(this Process process, string name)
    {
        using var kill = Process.Start("/bin/bash", ["-c", $"kill -{name} {process.Id}; kill -{name} {process.Id}"]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }

    /// <summary>Waits until all threads of the process wait for something, seen several times in a row.</summary>
    public static async Task WaitUntilAsleepAsync(this Process process, CancellationToken cancellation)
    {
        const int enough = 5;
        for (var seen = 0; seen < enough;)
        {
            await Task.Delay(5, cancellation);
            seen = process.AreAllThreads('S') ? seen + 1 : 0;
        }
    }

    /// <summary>Stops it (SIGSTOP), and waits until no thread runs: one that was just woken up may take what comes until then.</summary>
    public static async Task StopAsync(this Process process, CancellationToken cancellation)
    {
        process.Signal("STOP");
        while (!process.AreAllThreads('T'))
        {
            await Task.Delay(5, cancellation);
        }
    }

    /// <summary>Starts it with all three streams at the caller's hands.</summary>
    public static Process Start(params string[] arguments) => Start(arguments, environment: []);

    /// <summary>Starts it with variables added to its environment, in which there is no proxy and no collector otherwise.</summary>
    public static Process Start(string[] arguments, params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Executable, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,

            // Options of whoever runs the tests are not to count.
            Environment = { ["XDG_CONFIG_HOME"] = "/nonexistent" },
        };
        foreach (var name in start.Environment.Keys.Where(name => name.EndsWith("_proxy", StringComparison.OrdinalIgnoreCase)).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var name in start.Environment.Keys.Where(name => name.StartsWith("OTEL_", StringComparison.Ordinal) || name is "TRACEPARENT" or "TRACESTATE").ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        return Process.Start(start)!;
    }

    /// <summary>Whether all its threads are in a state, which stands behind the name in parentheses (proc_pid_stat(5)).</summary>
    private static bool AreAllThreads(this Process process, char wanted) => Directory.EnumerateDirectories($"/proc/{process.Id}/task")
        .Select(task => File.ReadAllText($"{task}/stat"))
        .All(stat => stat[stat.LastIndexOf(')') + 2] == wanted);
}
