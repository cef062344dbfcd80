using System.Globalization;
using Fetcher.Core.Timing;

namespace Fetcher.Core.Reports;

/// <summary>What the summaries for people say of a <c>--rate</c>.</summary>
internal static class RateText
{
    /// <summary>That the rate was missed, and by how much; null when it was kept, or none was asked for.</summary>
    public static string? Missed(RunInfo run, RunSummary summary)
    {
        if (summary.Starts.RateOf(run.Options.StartInterval) is not { IsMissed: true } rate)
        {
            return null;
        }

        var slots = run.Mode == "sequential" ? 1 : run.Options.Concurrency;
        var busy = run.IsShared ? "the workers were busy, or came too late" : slots == 1 ? "the only slot was busy" : $"all {SummaryText.Number(slots)} slots were busy";
        var late = SummaryText.Seconds(Nanoseconds.ToTimeSpan(rate.Latest));
        return $"asked {Text(rate.Asked)}, reached {Text(rate.Reached)}: {busy}; starts came up to {late} late";
    }

    /// <summary>A rate in the unit of which there is at least one.</summary>
    private static string Text(double perSecond) => perSecond switch
    {
        >= 1 => $"{Number(perSecond)}/s",
        >= 1 / 60.0 => $"{Number(perSecond * 60)}/m",
        _ => $"{Number(perSecond * 3600)}/h",
    };

    private static string Number(double value) => value.ToString(value < 100 ? "0.#" : "N0", CultureInfo.InvariantCulture);
}
