using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Fetcher.Core.Net;

/// <summary>
/// Looks names up with getaddrinfo(3), off the loops, once for all who ask: answers are kept for the run unless a limit is set, failures for a second, so that a retry asks
/// again and a thousand URLs of a dead name do not. Shared by the loops.
/// </summary>
internal sealed class Resolver(FetchOptions options, TimeProvider clock, Func<string, AddressFamily, Task<IPAddress[]>>? lookUp = null)
{
    private static readonly TimeSpan FailureKept = TimeSpan.FromSeconds(1);

    private readonly Func<string, AddressFamily, Task<IPAddress[]>> _lookUp =
        lookUp ?? (options.NameServers is { } servers ? servers.LookUpAsync : OfSystemAsync);

    private readonly ConcurrentDictionary<string, LookUp> _lookUps = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>The address that was written as a host last: a list mostly asks for the same again.</summary>
    private volatile Literal? _literal;

    /// <summary>The addresses of a host, in the order to try them, or a task that fails with <see cref="FetchException"/>.</summary>
    public Task<IPAddress[]> ResolveAsync(string host, int port)
    {
        if (options.Resolve.Count > 0 && FindGiven(host, port) is { } given)
        {
            var usable = given.Addresses.Where(IsAllowed).ToArray();
            return usable.Length > 0 ? Task.FromResult(usable) : Task.FromException<IPAddress[]>(NotFound(host, $"--resolve has no {Wanted}", null));
        }

        if (_literal is { } known && known.Host == host)
        {
            return known.Answer;
        }

        if (IPAddress.TryParse(host, out var address))
        {
            if (!IsAllowed(address))
            {
                return Task.FromException<IPAddress[]>(Failures.NoSuchAddress.Of(host, Wanted).Thrown());
            }

            var literal = new Literal(host, Task.FromResult<IPAddress[]>([address]));
            _literal = literal;
            return literal.Answer;
        }

        return LookUpAsync(host);
    }

    private Task<IPAddress[]> LookUpAsync(string host) =>
        _lookUps.AddOrUpdate(host, Start, (_, known) => known.IsStale(clock, options.DnsTtl) ? Start(host) : known).Answer;

    private ResolveEntry? FindGiven(string host, int port) =>
        options.Resolve.FirstOrDefault(entry => entry.Port == port && entry.Host.Equals(host, StringComparison.OrdinalIgnoreCase))
        ?? options.Resolve.FirstOrDefault(entry => entry.Port == port && entry.Host == "*");

    private string Wanted => options.AddressFamily == AddressFamilyChoice.IPv6Only ? "IPv6 address (-6)" : "IPv4 address (-4)";

    private bool IsAllowed(IPAddress address) => options.AddressFamily switch
    {
        AddressFamilyChoice.IPv4Only => address.AddressFamily == AddressFamily.InterNetwork,
        AddressFamilyChoice.IPv6Only => address.AddressFamily == AddressFamily.InterNetworkV6,
        _ => true,
    };

    private LookUp Start(string host) => new(new Lazy<Task<IPAddress[]>>(() => AskAsync(host)), clock.GetTimestamp());

    private async Task<IPAddress[]> AskAsync(string host)
    {
        var family = options.AddressFamily switch
        {
            AddressFamilyChoice.IPv4Only => AddressFamily.InterNetwork,
            AddressFamilyChoice.IPv6Only => AddressFamily.InterNetworkV6,
            _ => AddressFamily.Unspecified,
        };
        try
        {
            // Every name below localhost is this machine (RFC 6761, section 6.3), and no server is asked.
            var isLocal = host.TrimEnd('.').EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);
            isLocal |= host.TrimEnd('.').Equals("localhost", StringComparison.OrdinalIgnoreCase);
            var addresses = await (isLocal && options.NameServers is not null ? OfSystemAsync("localhost", family) : _lookUp(isLocal ? "localhost" : host, family))
                .ConfigureAwait(false);
            return addresses.Length > 0 ? Interleave(addresses) : throw NotFound(host, "it has no address", null);
        }
        catch (SocketException e)
        {
            throw NotFound(host, e.Message, e);
        }
        catch (Exception e) when (e is ArgumentException or NameServerException)
        {
            throw NotFound(host, e.Message, e);
        }
    }

    private static Task<IPAddress[]> OfSystemAsync(string host, AddressFamily family) => Dns.GetHostAddressesAsync(host, family);

    private static FetchException NotFound(string host, string why, Exception? inner) =>
        Failures.NotResolved.Of(host, why).Thrown(inner);

    /// <summary>Takes turns between the families, beginning with the one that the system put first (RFC 8305, section 4).</summary>
    private static IPAddress[] Interleave(IPAddress[] addresses)
    {
        var first = addresses.Where(a => a.AddressFamily == addresses[0].AddressFamily).ToArray();
        var second = addresses.Where(a => a.AddressFamily != addresses[0].AddressFamily).ToArray();
        var mixed = new List<IPAddress>(addresses.Length);
        for (var i = 0; i < Math.Max(first.Length, second.Length); i++)
        {
            mixed.AddRange(first.Skip(i).Take(1));
            mixed.AddRange(second.Skip(i).Take(1));
        }

        return [.. mixed];
    }

    private sealed record Literal(string Host, Task<IPAddress[]> Answer);

    private sealed record LookUp(Lazy<Task<IPAddress[]>> Lazy, long Started)
    {
        public Task<IPAddress[]> Answer => Lazy.Value;

        public bool IsStale(TimeProvider clock, TimeSpan? kept) =>
            Answer.IsFaulted ? clock.GetElapsedTime(Started) > FailureKept
            : kept is { } limit && Answer.IsCompleted && clock.GetElapsedTime(Started) >= limit;
    }
}
