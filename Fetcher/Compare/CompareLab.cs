using System.Text;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Lab;

namespace Fetcher.Compare;

/// <summary>
/// The embedded origin of a comparison with <c>--lab</c>: one for all rounds, so that none pays for its start; one for each value only when the sweep
/// varies the lab's own pages. Without <c>--lab</c> there is none.
/// </summary>
internal sealed class CompareLab(CompareInvocation invocation, CompareSources files) : IAsyncDisposable
{
    private readonly List<Running> _running = [];

    /// <summary>The lab's endpoint and the file of its authority's certificate at a value of the sweep, or null without a lab.</summary>
    /// <exception cref="IOException">The lab could not be started.</exception>
    public async ValueTask<(LabEndpoint Endpoint, string CaPath)?> AtAsync(double? value, CancellationToken cancellation)
    {
        if (!invocation.Lab)
        {
            return null;
        }

        var swept = invocation.Sweep is { } sweep && SweepText.IsOfLab(sweep.Name) ? value : null;
        if (_running.Find(lab => lab.Value == swept) is not { } found)
        {
            var options = swept is { } now ? Options(invocation.Sweep!.Name, now) : new LabOptions();
            var process = await LabCommand.StartChildAsync(options, cancellation);
            using var certificate = new MemoryStream(Encoding.ASCII.GetBytes(process.CaCertificatePem));
            found = new Running(swept, process, await files.KeepAsync($"lab-ca-{_running.Count}.pem", certificate, cancellation));
            _running.Add(found);
        }

        return (found.Process.Endpoint, found.CaPath);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var lab in _running)
        {
            await lab.Process.DisposeAsync();
        }
    }

    private static LabOptions Options(string name, double value) =>
        name == SweepText.Body ? new LabOptions { Body = (long)value } : new LabOptions { Delay = TimeSpan.FromMilliseconds(value) };

    private sealed record Running(double? Value, LabProcess Process, string CaPath);
}
