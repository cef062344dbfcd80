using System.Text;

namespace Fetcher.Core.Http.Cookies;

/// <summary>The cookies of a run (RFC 6265), over all loops.</summary>
/// <remarks>
/// System.Net.CookieContainer is not used: it takes a comma in a value for the beginning of another cookie, and refuses a value with a comma when it is
/// given one, while servers send such values and browsers and curl take them.
/// </remarks>
/// <param name="clock">Tells when a cookie has expired.</param>
/// <param name="suffixes">Domains that are nobody's to set cookies for; null when only those without a dot are known.</param>
internal sealed class CookieJar(TimeProvider clock, PublicSuffixes? suffixes = null)
{
    /// <summary>Cookies of one domain, and of all, from which on the oldest make room (section 6.1 asks for at least as many).</summary>
    public const int MostOfDomain = 50, Most = 3000;

    /// <summary>Longest Cookie field; what does not fit is left out, as in curl.</summary>
    private const int MostSent = 8190;

    private readonly Lock _gate = new();

    // The oldest of each domain first, as they are sent and make room.
    private readonly Dictionary<string, List<Cookie>> _domains = [];
    private long _numbers;
    private int _count;

    /// <summary>Those that have not expired.</summary>
    public IReadOnlyList<Cookie> All
    {
        get
        {
            lock (_gate)
            {
                var now = clock.GetUtcNow();
                return [.. _domains.Values.SelectMany(cookies => cookies).Where(cookie => cookie.Expires is not { } end || end > now)];
            }
        }
    }

    /// <summary>What could not be taken of the files that it was read from, a sentence a file.</summary>
    public IList<string> Warnings { get; } = [];

    /// <summary>Takes what a response sets.</summary>
    public void Take(HttpUrl url, ResponseHead head)
    {
        foreach (var field in head.SetCookies)
        {
            if (SetCookie.Parse(field, url, clock.GetUtcNow(), suffixes) is { } cookie)
            {
                Add(cookie, url.IsHttps);
            }
        }
    }

    /// <summary>Adds a cookie in the place of one like it.</summary>
    /// <param name="cookie">The cookie; one that has expired leaves the place empty.</param>
    /// <param name="isSecure">Whether it comes from where one for https may be replaced.</param>
    public void Add(Cookie cookie, bool isSecure = true)
    {
        lock (_gate)
        {
            var cookies = _domains.GetValueOrDefault(cookie.Domain, []);
            var at = cookies.FindIndex(old => old.IsReplacedBy(cookie));
            if (at >= 0 && cookies[at].IsSecure && !isSecure)
            {
                return;
            }

            if (cookie.Expires <= clock.GetUtcNow())
            {
                Drop(cookies, at);
            }
            else if (at >= 0)
            {
                cookies[at] = cookie with { Number = cookies[at].Number };
            }
            else
            {
                _domains[cookie.Domain] = cookies;
                cookies.Add(cookie with { Number = ++_numbers });
                _count++;
                MakeRoom(cookies);
            }
        }
    }

    /// <summary>The Cookie field of a request with its line end, or null when there is nothing to send (section 5.4).</summary>
    /// <param name="url">What is asked for.</param>
    /// <param name="more">Further cookies, like <c>a=b; c=d</c>, or null.</param>
    public byte[]? FieldFor(HttpUrl url, string? more)
    {
        var cookies = _count == 0 ? [] : CookiesFor(url);
        var text = new StringBuilder();
        foreach (var cookie in cookies.OrderByDescending(cookie => cookie.Path.Length))
        {
            Append($"{cookie.Name}={cookie.Value}");
        }

        if (more is not null)
        {
            // Text is bytes as Latin-1 here.
            Append(Encoding.Latin1.GetString(Encoding.UTF8.GetBytes(more)));
        }

        return text.Length == 0 ? null : Encoding.Latin1.GetBytes($"Cookie: {text}\r\n");

        void Append(string pair)
        {
            if (text.Length + pair.Length + 2 <= MostSent)
            {
                text.Append(text.Length == 0 ? "" : "; ").Append(pair);
            }
        }
    }

    private List<Cookie> CookiesFor(HttpUrl url)
    {
        var found = new List<Cookie>();
        var host = url.HostString;
        var path = Encoding.Latin1.GetString(url.PathAndQuery);
        path = path.Split('?', 2)[0];
        lock (_gate)
        {
            var now = clock.GetUtcNow();
            for (var domain = host; ; domain = domain[(domain.IndexOf('.', StringComparison.Ordinal) + 1)..])
            {
                if (_domains.TryGetValue(domain, out var cookies))
                {
                    found.AddRange(cookies.Where(cookie => cookie.IsFor(host, path, url.IsHttps, now)));
                }

                if (!domain.Contains('.', StringComparison.Ordinal))
                {
                    return found;
                }
            }
        }
    }

    private void MakeRoom(List<Cookie> cookies)
    {
        if (cookies.Count > MostOfDomain)
        {
            Drop(cookies, 0);
        }

        if (_count > Most)
        {
            Drop(_domains.Values.MinBy(others => others[0].Number)!, 0);
        }
    }

    private void Drop(List<Cookie> cookies, int at)
    {
        if (at < 0)
        {
            return;
        }

        var domain = cookies[at].Domain;
        cookies.RemoveAt(at);
        _count--;
        if (cookies.Count == 0)
        {
            _domains.Remove(domain);
        }
    }
}
