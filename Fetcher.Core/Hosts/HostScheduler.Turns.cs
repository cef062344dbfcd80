using Fetcher.Core.Http;

namespace Fetcher.Core.Hosts;

/// <content>Keeps to <c>--rate-per-host</c> request by request: what a host is sent counts, whoever sends it.</content>
internal sealed partial class HostScheduler
{
    /// <summary>A request to a host with a rate comes.</summary>
    /// <returns>Not before when it may begin, in nanoseconds of the run's clock; a moment that may have passed.</returns>
    public long Enter(HttpUrl url) => WithRate(url, (rate, now) => rate.Enter(now));

    /// <summary>Has it take a step now, if it may.</summary>
    /// <returns>When to try again, or null when it has taken it.</returns>
    public long? Pass(HttpUrl url, RequestStep step) => WithRate<long?>(url, (rate, now) => rate.Pass(step, now) is var moment && moment == now ? null : moment);

    /// <summary>Uses the rate of a host, and looks anew at when the host's next line may be taken.</summary>
    private T WithRate<T>(HttpUrl url, Func<HostRate, long, T> use)
    {
        lock (_hosts.Gate)
        {
            var now = Now();
            var host = QueueOf(url.Origin);
            Withdraw(host);
            var used = use(host.Rate!, now);
            Place(host, now);
            return used;
        }
    }
}
