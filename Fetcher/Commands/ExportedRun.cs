using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Telemetry;

namespace Fetcher.Commands;

/// <summary>A run whose traces and metrics are exported when the environment asks for it (docs/telemetry.md).</summary>
internal static class ExportedRun
{
    /// <summary>Does a run.</summary>
    /// <param name="isQuiet">Whether nothing is said of telemetry that got lost.</param>
    /// <param name="run">Does it; is told whether the system's certificates are needed to know a collector by.</param>
    /// <returns>Its exit status.</returns>
    /// <exception cref="FetchSetupException">A variable makes no sense. Nothing was done.</exception>
    public static Task<int> RunAsync(bool isQuiet, Func<bool, Task<int>> run)
    {
        var settings = OtlpSettings.Of(Environment.GetEnvironmentVariable);
        return RunTelemetry.AroundAsync(settings, RunTelemetry.ParentOf(Environment.GetEnvironmentVariable), Warn, () => run(settings is { NeedsSystemTrust: true }));

        void Warn(string problem)
        {
            if (!isQuiet)
            {
                Console.Error.WriteLine($"fetcher: {PrintableText.Of(problem)}");
            }
        }
    }
}
