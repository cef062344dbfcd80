using Fetcher.Core;
using Microsoft.Extensions.Logging;

namespace Fetcher.Extensions;

/// <summary>
/// What a client does, as lines of a log: what was fetched at the level Debug, what failed as Information, since each failure has its outcome, and what is odd
/// about the options' files as a Warning. URLs are without user info.
/// </summary>
public static partial class FetcherLog
{
    /// <summary>Makes a client that logs.</summary>
    /// <param name="options">How URLs are fetched; null for the defaults.</param>
    /// <param name="logger">The log; null for none.</param>
    /// <param name="onBody">As for <see cref="FetchClient"/>.</param>
    /// <exception cref="ArgumentException">An option has a value that means nothing.</exception>
    /// <exception cref="FetchSetupException">The machine lacks what the mode needs.</exception>
    public static FetchClient NewClient(FetchOptions? options, ILogger? logger, Func<FetchBody, CancellationToken, ValueTask>? onBody = null) => logger is null
        ? new FetchClient(options, onBody)
        : new FetchClient(options, onBody) { OnOutcome = outcome => Write(logger, outcome), OnWarning = warning => Odd(logger, warning) };

    private static void Write(ILogger logger, FetchOutcome outcome)
    {
        if (outcome.Error is { } error)
        {
            Failed(logger, outcome.Url, error.KindName, error.Message, outcome.Attempts, outcome.TimeTotal.TotalSeconds);
        }
        else
        {
            Fetched(logger, outcome.Url, outcome.Status, outcome.SizeBody, outcome.TimeTotal.TotalSeconds, outcome.ClientStall.TotalSeconds);
        }
    }

    [LoggerMessage(1, LogLevel.Debug, "Fetched {Url}: {Status}, {SizeBody} bytes in {Seconds} s, of which it waited {ClientStall} s for its loop")]
    private static partial void Fetched(ILogger logger, string url, int status, long sizeBody, double seconds, double clientStall);

    [LoggerMessage(2, LogLevel.Information, "Failed {Url}: {Kind}: {Message}; {Attempts} attempts in {Seconds} s")]
    private static partial void Failed(ILogger logger, string url, string kind, string message, int attempts, double seconds);

    [LoggerMessage(3, LogLevel.Warning, "{Warning}")]
    private static partial void Odd(ILogger logger, string warning);
}
