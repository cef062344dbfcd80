using System.Text;
using Fetcher.Core.Interop;

namespace Fetcher.Commands;

/// <summary>Ends the process when an exception has left a thread that nobody waits for, which .NET would answer with SIGABRT and a core file.</summary>
internal static class LastWords
{
    /// <summary>Says why, and ends the process with <see cref="CommandLine.Failed"/>.</summary>
    public static void Say(Exception exception)
    {
        const int StandardError = 2;
        if (!StandardStreams.IsClosed(StandardError))
        {
            // Past the console, which may need memory or a lock that cannot be had.
            Libc.Write(StandardError, Encoding.UTF8.GetBytes($"fetcher: {CommandLine.Explain(exception)}\n"));
        }

        Environment.Exit(CommandLine.Failed);
    }
}
