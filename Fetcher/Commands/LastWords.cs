using System.Text;
using Fetcher.Core.Interop;

namespace Fetcher.Commands;

/// <summary>
/// What is done when an exception has left a thread that nobody waits for, which .NET would answer with SIGABRT and a core file: the run ends with a
/// sentence, its reports if they can still be written, and <see cref="CommandLine.Failed"/>.
/// </summary>
internal static class LastWords
{
    /// <summary>How long a run may take to end by itself.</summary>
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(8);

    /// <summary>Ends the run that is under way, which says why; null while there is none.</summary>
    public static Action<Exception>? EndRun { get; set; }

    /// <summary>Called on the thread that failed.</summary>
    public static void Say(Exception exception)
    {
        if (EndRun is { } end)
        {
            end(exception);
            Thread.Sleep(Bound);
        }

        const int StandardError = 2;
        if (!StandardStreams.IsClosed(StandardError))
        {
            // Past the console, which may need memory or a lock that cannot be had.
            Libc.Write(StandardError, Encoding.UTF8.GetBytes($"fetcher: {CommandLine.Explain(exception)}\n"));
        }

        // A proper exit waits for threads and calls handlers, of which one may be what failed.
        Libc.Exit(CommandLine.Failed);
    }
}
