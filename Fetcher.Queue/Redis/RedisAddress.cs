using System.Globalization;

namespace Fetcher.Queue.Redis;

/// <summary>
/// Where a job is: <c>redis[s]://[[USER][:PASSWORD]@]HOST[:PORT]/JOB[?db=N]</c>.
/// </summary>
/// <param name="Host">Name or address; an IPv6 address without brackets.</param>
/// <param name="Port">From 1.</param>
/// <param name="IsTls">Whether it is <c>rediss</c>.</param>
/// <param name="Job">Letters, digits and <c>. _ -</c>, at most 64.</param>
/// <param name="Database">Number of the database.</param>
/// <param name="User">The user, or null.</param>
/// <param name="Password">The password, or null.</param>
internal sealed record RedisAddress(string Host, int Port, bool IsTls, string Job, int Database, string? User, string? Password)
{
    private const int UsualPort = 6379, LongestJob = 64;

    /// <exception cref="FormatException">It is no such address; the message has no secret in it.</exception>
    public static RedisAddress Parse(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("redis" or "rediss") || uri.Host.Length == 0)
        {
            throw new FormatException("it is not like redis://HOST:PORT/JOB or rediss://HOST:PORT/JOB");
        }

        var job = uri.AbsolutePath.Trim('/');
        if (job.Length is 0 or > LongestJob || !job.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-'))
        {
            throw new FormatException("it has to end in the name of a job, like redis://HOST:PORT/JOB: letters, digits and . _ -, at most 64");
        }

        var database = 0;
        if (uri.Query.Length > 0 && !(uri.Query.StartsWith("?db=", StringComparison.Ordinal)
            && int.TryParse(uri.Query.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out database)))
        {
            throw new FormatException("behind the job there may be ?db=NUMBER and nothing else");
        }

        var user = uri.UserInfo.Split(':', 2);
        return new RedisAddress(
            uri.Host.Trim('[', ']'),
            uri.IsDefaultPort || uri.Port <= 0 ? UsualPort : uri.Port,
            uri.Scheme == "rediss",
            job,
            database,
            user[0].Length == 0 ? null : Uri.UnescapeDataString(user[0]),
            user.Length < 2 ? null : Uri.UnescapeDataString(user[1]));
    }

    /// <summary>The address without user and password.</summary>
    public override string ToString() =>
        $"{(IsTls ? "rediss" : "redis")}://{(Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host)}:{Port}/{Job}";
}
