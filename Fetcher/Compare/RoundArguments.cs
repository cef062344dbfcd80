using System.Globalization;
using Fetcher.Commands;
using Fetcher.Core;

namespace Fetcher.Compare;

/// <summary>The arguments of the processes that run under the same conditions; only the mode is still open.</summary>
internal sealed class RoundArguments
{
    private readonly IReadOnlyList<string> _options;
    private readonly IReadOnlyList<string> _sources;

    private RoundArguments(IReadOnlyList<string> options, IReadOnlyList<string> sources)
    {
        _options = options;
        _sources = sources;
    }

    /// <summary>The arguments at a value of the sweep.</summary>
    public static async Task<RoundArguments> OfAsync(
        CompareInvocation invocation, CompareSources sources, CompareLab labs, double? value, CancellationToken cancellation)
    {
        var options = new List<string>(invocation.PassedOn);
        if (invocation.Sweep is { } sweep && value is { } now)
        {
            if (sweep.Name == SweepText.Http)
            {
                SetVersion(options, now);
            }
            else
            {
                // What comes last counts, also when the option was given too.
                options.AddRange(SweepText.Argument(sweep.Name, now) is { } argument ? [argument] : []);
            }

            if (sweep.Name == SweepText.Idle)
            {
                options.Add($"--idle-origin={await sources.FirstUrlAsync(cancellation)}");
            }
        }

        if (await labs.AtAsync(value, cancellation) is { } lab)
        {
            options.AddRange(LabOptions(lab.Endpoint, lab.CaPath));
        }

        return new RoundArguments(options, sources.Paths);
    }

    /// <summary>The arguments for a mode.</summary>
    public IReadOnlyList<string> For(string mode) => ["compare", "--round", $"--modes={mode}", .. _options, "--", .. _sources];

    /// <summary>Puts a version of HTTP in the place of what was given: of HTTP/2 by prior knowledge, where that was, and else by ALPN.</summary>
    private static void SetVersion(List<string> options, double version)
    {
        var wasKnown = options.Contains(NetworkOptionSet.PriorKnowledgeName);
        options.RemoveAll(NetworkOptionSet.ProtocolNames.Contains);
        options.Add(version >= 2 && wasKnown ? NetworkOptionSet.PriorKnowledgeName : SweepText.Argument(SweepText.Http, version)!);
    }

    private static IEnumerable<string> LabOptions(LabEndpoint lab, string caPath) =>
    [
        string.Create(CultureInfo.InvariantCulture, $"--lab-http-port={lab.HttpPort}"),
        string.Create(CultureInfo.InvariantCulture, $"--lab-https-port={lab.HttpsPort}"),
        string.Create(CultureInfo.InvariantCulture, $"--lab-h2c-port={lab.Http2Port}"),
        $"--lab-ca={caPath}",
    ];
}
