using System.CommandLine;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Rate limits, caps a host, robots.txt and circuit breaker.</summary>
internal sealed class PolitenessOptionSet
{
    private readonly Option<int> _perHost = CliOption.Value(
        "--per-host", ["--parallel-max-host"], "N",
        "Transfers in flight to one host at once; 0 is no cap [default: 0]",
        text => OptionText.Integer(text, 0));

    private readonly Option<TimeSpan> _rate = CliOption.Value(
        "--rate", [], "N/UNIT", "Starts per second, minute or hour at most: 20/s, 20/m, 20/h", OptionText.Rate);

    private readonly Option<TimeSpan> _ratePerHost = CliOption.Value(
        "--rate-per-host", [], "N/UNIT", "Requests to each host, likewise: redirects and robots.txt count, too", OptionText.Rate);

    private readonly Option<long> _limitRate = CliOption.Value(
        "--limit-rate", [], "BYTES", "Most bytes a second that a transfer receives, e.g. 100k or 2M; 0 is no limit [default: 0]", OptionText.Bytes);

    private readonly Option<bool> _adaptive = CliOption.Flag(
        "--adaptive", [], "Find the limit per host by trying: one more after success, half on 429, 503 and timeouts");

    private readonly Option<bool> _robots = CliOption.Flag(
        "--robots", [], "Obey robots.txt; it is fetched once for each origin");

    private readonly Option<int> _circuitBreaker = CliOption.Value(
        "--circuit-breaker", [], "N",
        "Stop asking a host after N failures in a row: its URLs fail untried for a while; 0 is never [default: 20]",
        OptionText.CircuitFailures);

    private readonly Option<TimeSpan> _circuitBreak = CliOption.Value(
        "--circuit-break", [], "SECONDS", "How long that lasts, at least 0.5; then one URL is tried [default: 5]", OptionText.CircuitBreak);

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(GroupedCommand command) => command.AddGroup(
        "Rate limits and politeness", _perHost, _rate, _ratePerHost, _limitRate, _adaptive, _robots, _circuitBreaker, _circuitBreak);

    /// <summary>Adds what was given to <paramref name="options"/>.</summary>
    public FetchOptions Bind(ParseResult result, FetchOptions options) => options with
    {
        PerHost = result.ValueOr(_perHost, options.PerHost),
        StartInterval = result.ValueOr(_rate, options.StartInterval),
        StartIntervalPerHost = result.ValueOr(_ratePerHost, options.StartIntervalPerHost),
        LimitRate = result.ValueOr(_limitRate, 0) is var rate && rate < long.MaxValue ? rate : 0,
        Adaptive = result.Has(_adaptive),
        Robots = result.Has(_robots),
        CircuitFailures = result.ValueOr(_circuitBreaker, options.CircuitFailures),
        CircuitBreak = result.ValueOr(_circuitBreak, options.CircuitBreak),
    };
}
