using System.Text;

namespace Fetcher.Core.Http;

/// <summary>A host that is to be asked over https alone.</summary>
/// <param name="Host">Its name, in lower case.</param>
/// <param name="Expires">Until when; the largest moment is for ever.</param>
/// <param name="IncludesSubdomains">Whether the names below it are so, too.</param>
internal sealed record HstsEntry(string Host, DateTimeOffset Expires, bool IncludesSubdomains);

/// <summary>The hosts that said to be asked over https alone (HTTP Strict Transport Security, RFC 6797). Shared by the loops.</summary>
internal sealed class HstsList(TimeProvider clock)
{
    private static ReadOnlySpan<byte> Field => "Strict-Transport-Security"u8;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, HstsEntry> _hosts = new(StringComparer.Ordinal);

    /// <summary>Those that have not expired, by name.</summary>
    public IReadOnlyList<HstsEntry> All
    {
        get
        {
            lock (_gate)
            {
                var now = clock.GetUtcNow();
                return [.. _hosts.Values.Where(entry => entry.Expires > now).OrderBy(entry => entry.Host, StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>Adds a host, in the place of what was known of it.</summary>
    public void Add(HstsEntry entry)
    {
        lock (_gate)
        {
            _hosts[entry.Host] = entry;
        }
    }

    /// <summary>Makes a URL https when its host is known (section 8.3): port 80 becomes 443, any other stays.</summary>
    public void Upgrade(HttpUrl url)
    {
        if (!url.IsHttps && !HttpUrlAddress.IsAddress(url.Host) && Covers(url.HostString))
        {
            url.MakeHttps();
        }
    }

    /// <summary>Takes what a response says of its host (section 8.1): over https, and not of an address.</summary>
    public void Take(HttpUrl url, ResponseHead head)
    {
        if (!url.IsHttps || !head.TryGetField(Field, out var value) || HttpUrlAddress.IsAddress(url.Host))
        {
            return;
        }

        var host = NameOf(url.HostString);
        if (Parse(Encoding.Latin1.GetString(value)) is not var (maxAge, includesSubdomains))
        {
            return;
        }

        lock (_gate)
        {
            if (maxAge == TimeSpan.Zero)
            {
                _hosts.Remove(host);
            }
            else
            {
                _hosts[host] = new HstsEntry(host, Later(clock.GetUtcNow(), maxAge), includesSubdomains);
            }
        }
    }

    /// <summary>A host's name as it stands in the list.</summary>
    public static string NameOf(string host) => host.TrimEnd('.').ToLowerInvariant();

    /// <summary>Section 6.1: each directive once, max-age among them; those that are not known count for nothing.</summary>
    private static (TimeSpan MaxAge, bool IncludesSubdomains)? Parse(string field)
    {
        var (maxAge, includesSubdomains) = ((TimeSpan?)null, false);
        var known = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var directive in field.Split(';', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = directive.IndexOf('=', StringComparison.Ordinal);
            var name = (equals < 0 ? directive : directive[..equals]).Trim();
            if (!known.Add(name))
            {
                return null;
            }

            if (name.Equals("max-age", StringComparison.OrdinalIgnoreCase))
            {
                var digits = equals < 0 ? "" : directive[(equals + 1)..].Trim();
                digits = digits is ['"', .. var quoted, '"'] ? quoted : digits;
                if (digits.Length == 0 || !digits.All(char.IsAsciiDigit))
                {
                    return null;
                }

                maxAge = TimeSpan.FromSeconds(Math.Min(double.Parse(digits, System.Globalization.CultureInfo.InvariantCulture), TimeSpan.MaxValue.TotalSeconds / 2));
            }

            includesSubdomains |= name.Equals("includeSubDomains", StringComparison.OrdinalIgnoreCase);
        }

        return maxAge is { } age ? (age, includesSubdomains) : null;
    }

    private static DateTimeOffset Later(DateTimeOffset now, TimeSpan time) => time < DateTimeOffset.MaxValue - now ? now + time : DateTimeOffset.MaxValue;

    /// <summary>Section 8.2: the host itself, or one above it that includes it.</summary>
    private bool Covers(string host)
    {
        var name = NameOf(host);
        lock (_gate)
        {
            for (var (rest, isItself) = (name, true); ; isItself = false)
            {
                if (_hosts.TryGetValue(rest, out var entry) && (isItself || entry.IncludesSubdomains) && entry.Expires > clock.GetUtcNow())
                {
                    return true;
                }

                var dot = rest.IndexOf('.', StringComparison.Ordinal);
                if (dot < 0)
                {
                    return false;
                }

                rest = rest[(dot + 1)..];
            }
        }
    }
}
