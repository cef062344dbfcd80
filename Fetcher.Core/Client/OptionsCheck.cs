using Fetcher.Core.Http;
using Fetcher.Core.Modes;

namespace Fetcher.Core.Client;

/// <summary>What the command line sees to when it reads options: that their values mean something.</summary>
internal static class OptionsCheck
{
    private const int LeastWindow = 1024;

    /// <summary>Throws for the first option whose value means nothing.</summary>
    /// <param name="options">The options.</param>
    /// <param name="isBodyRead">Whether the user's code reads the bodies.</param>
    /// <exception cref="ArgumentException">An option is wrong; the message names it, and gives away no secret.</exception>
    public static void ThrowIfWrong(FetchOptions options, bool isBodyRead)
    {
        Check(options.Mode.Name is { } mode && ModeCatalog.Find(mode) is not null, nameof(options.Mode), $"'{options.Mode}' is none of {string.Join(", ", ModeCatalog.All.Select(mode => mode.Name))}");
        AtLeast(options.Concurrency, 1, nameof(options.Concurrency));
        AtLeast(options.PerHost, 0, nameof(options.PerHost));
        AtLeast(options.Loops, 1, nameof(options.Loops));
        AtLeast(options.MaxRedirects, 0, nameof(options.MaxRedirects));
        AtLeast(options.Retry, 0, nameof(options.Retry));
        AtLeast(options.CircuitFailures, 0, nameof(options.CircuitFailures));
        Check(options.CircuitFailures != 1, nameof(options.CircuitFailures), "1 failure is no row of them");
        AtLeast(options.MaxFileSize, 0, nameof(options.MaxFileSize));
        AtLeast(options.LimitRate, 0, nameof(options.LimitRate));
        AtLeast(options.SpeedLimit, 0, nameof(options.SpeedLimit));
        AtLeast(options.Http2Window ?? LeastWindow, LeastWindow, nameof(options.Http2Window));
        AtLeast(options.Http2ConnectionWindow ?? LeastWindow, LeastWindow, nameof(options.Http2ConnectionWindow));
        Positive(options.ConnectTimeout, nameof(options.ConnectTimeout));
        Positive(options.ReadTimeout, nameof(options.ReadTimeout));
        Positive(options.SpeedTime, nameof(options.SpeedTime));
        Positive(options.MaxTime, nameof(options.MaxTime));
        Positive(options.CircuitBreak, nameof(options.CircuitBreak));
        NotNegative(options.StartInterval, nameof(options.StartInterval));
        NotNegative(options.StartIntervalPerHost, nameof(options.StartIntervalPerHost));
        NotNegative(options.RetryDelay, nameof(options.RetryDelay));
        NotNegative(options.RetryMaxTime, nameof(options.RetryMaxTime));
        foreach (var field in options.Headers.Concat([new("User-Agent", options.UserAgent), new("Cookie", options.Cookie ?? "")]))
        {
            Check(FieldCheck.WhyNot(field) is null, nameof(options.Headers), FieldCheck.WhyNot(field));
        }

        Check(!isBodyRead || !options.KeepBodies, nameof(options.KeepBodies), "a body is kept or read, not both");
        Check(!(isBodyRead || options.KeepBodies) || !options.Continue, nameof(options.Continue), "of a body that is continued only the rest would be seen");
    }

    private static void Check(bool isRight, string option, string? problem)
    {
        if (!isRight)
        {
            throw new ArgumentException($"{option}: {problem}");
        }
    }

    private static void AtLeast(long value, long least, string option) => Check(value >= least, option, $"{value} is less than {least}");

    private static void Positive(TimeSpan? time, string option) => Check(time is null || time > TimeSpan.Zero, option, $"{time} is not more than 0");

    private static void NotNegative(TimeSpan? time, string option) => Check(time is null || time >= TimeSpan.Zero, option, $"{time} is less than 0");
}
