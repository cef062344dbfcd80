using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Timing;
using Fetcher.Core.Timing.Comparison;
using Fetcher.Core.Timing.Stalls;

namespace Fetcher.Core.Reports;

/// <summary>What to change to make a run shorter: only what can work for this run. Null where nothing can.</summary>
/// <param name="run">What was run.</param>
/// <param name="summary">What came of it.</param>
/// <param name="slowest">The transfers that took longest.</param>
internal sealed class Advice(RunInfo run, RunSummary summary, IReadOnlyList<TimelineRow> slowest)
{
    private readonly FetchOptions _options = run.Options;

    /// <summary>Where this program held its transfers up.</summary>
    public string? ForClient(RunRecord record) => Verdict.WorstOf(record)?.Kind switch
    {
        SpanKind.BlockingRead => "--mode async does not stand in a read.",
        SpanKind.CpuBurst or SpanKind.Decode or SpanKind.Tls or SpanKind.Callback => CanAddLoops
            ? "That is work for the CPU, which no way of waiting makes less: --loops spreads it over more cores."
            : "That is work for the CPU, which no way of waiting makes less.",
        SpanKind.NotScheduled => "The process wants more CPU than it got: give it a quieter machine" + OrLessAtOnce(", or less to do at once (--concurrency)."),
        SpanKind.GcPause => HasCompany ? "The garbage collector stopped the loops: fewer transfers at once (--concurrency) leave it less to do." : null,
        SpanKind.UnreadBody => "--http2-connection-window lets more lie unread before the others of a connection have to wait.",
        _ => MoreThanTimeFor(),
    };

    /// <summary>Where most of the time went to <paramref name="dominant"/>, and not to the client.</summary>
    public string? For(Phase dominant) => dominant switch
    {
        Phase.Queue => ForQueue(),
        Phase.Robots => "robots.txt is fetched once for each origin, before its first URL: URLs of the same origin share it.",
        Phase.Earlier => ForEarlier(),
        Phase.Dns => ForNames(),
        Phase.Connect or Phase.Tls => ForConnections(),
        _ => ForServers(),
    };

    private bool HasCompany => Math.Min(_options.Concurrency, summary.Urls) > 1;

    private bool IsOneAtATime => run.Mode == "sequential";

    private bool CanAddLoops => _options.Loops < Math.Min(run.Cpus, Math.Min(_options.Concurrency, summary.Urls))
        && run.Mode is not ("sequential" or "threads" or "httpclient");

    /// <summary>Whether more transfers at once would find anything to do.</summary>
    private bool CanHaveMore => !IsOneAtATime && _options.Concurrency < summary.Urls && !IsHeldBack;

    /// <summary>Whether something else than the number of slots says how many are under way.</summary>
    private bool IsHeldBack => _options.StartInterval > TimeSpan.Zero || HostLimit is not null;

    private string? HostLimit => _options.PerHost > 0 ? "--per-host" : _options.StartIntervalPerHost > TimeSpan.Zero ? "--rate-per-host"
        : _options.Adaptive ? "--adaptive" : null;

    private string OrLessAtOnce(string otherwise) => HasCompany ? otherwise : ".";

    private string? MoreThanTimeFor()
    {
        var takes = HasCompany ? "a lower --concurrency takes work away" : null;
        var adds = CanAddLoops ? "--loops adds loops" : null;
        var ways = string.Join(", ", new[] { adds, takes }.OfType<string>());
        return ways.Length == 0 ? null : $"There is more at once than a loop has time for: {ways}.";
    }

    private string? ForQueue() => QueueWait.Of(summary).IsForConnections ? null
        : CanHaveMore ? $"Transfers waited for a place: a higher --concurrency (now {FigureText.Count(_options.Concurrency)}) starts them sooner."
        : IsOneAtATime && summary.Urls > 1 ? "Transfers waited for one another: --mode async has many in flight."
        : HeldBack();

    private string? HeldBack() => _options.StartInterval > TimeSpan.Zero ? "Starts are as far apart as --rate says: a higher one is faster."
        : HostLimit is { } limit ? $"Transfers waited for their hosts, as {limit} says."
        : null;

    private string ForEarlier() => summary.Redirects > 0
        ? $"There were {FigureText.Count(summary.Redirects)} redirects: the URLs that they lead to, listed at once, would save them."
        : $"There were {FigureText.Count(summary.Retries)} retries, and pauses before them; --retry (now {FigureText.Count(_options.Retry)}) says how many there may be.";

    private string? ForNames()
    {
        var named = slowest.Where(row => row.Spent.Dns > 0)
            .Select(row => Uri.TryCreate(row.Url, UriKind.Absolute, out var url) && url.HostNameType == UriHostNameType.Dns ? url.Host : null)
            .OfType<string>();
        return run.Network is null && named.Any(host => !_options.Resolve.Any(entry => entry.Host.Equals(host, StringComparison.OrdinalIgnoreCase)))
            ? "Look-ups took longest: --resolve saves them."
            : null;
    }

    private string? ForConnections()
    {
        var hosts = slowest.Where(row => row.Phases.Connect > 0 || row.Phases.Tls > 0)
            .Select(row => Uri.TryCreate(row.Url, UriKind.Absolute, out var url) ? url.Authority : row.Url).ToArray();
        var hasSeveralOfOneHost = hosts.Distinct(StringComparer.OrdinalIgnoreCase).Count() < hosts.Length;
        return !hasSeveralOfOneHost || !HasCompany || _options.PerHost == 1 || IsOneAtATime
            ? null
            : $"{FigureText.Count(summary.Connects)} connections were opened for {FigureText.Count(summary.Urls)} URLs: "
                + "URLs of one host share connections when fewer run at once (--per-host).";
    }

    private string? ForServers() => CanHaveMore
        ? $"What is left is the servers' and the network's: it shortens the run to have more in flight (--concurrency, now "
            + $"{FigureText.Count(_options.Concurrency)}) as long as they bear it."
        : IsOneAtATime && summary.Urls > 1 ? "What is left is the servers' and the network's: --mode async waits for many of them at once."
        : IsHeldBack ? HeldBack()
        : "What is left is the servers' and the network's.";
}
