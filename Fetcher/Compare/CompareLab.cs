using System.Text;
using Fetcher.Core;
using Fetcher.Lab;

namespace Fetcher.Compare;

/// <summary>
/// The embedded origin of a comparison with <c>--lab</c>: one for all rounds, so that none pays for its start; another one for each value
/// only when the sweep varies the lab's own pages. Without <c>--lab</c> there is none.
/// </summary>
internal sealed class CompareLab(CompareInvocation invocation, CompareSources files) : IAsyncDisposable
{
    private LabProcess? _process;
    private (LabEndpoint Endpoint, string CaPath)? _running;

    /// <summary>The lab's endpoint and the file of its authority's certificate at a value of the sweep, or null without a lab.</summary>
    /// <exception cref="IOException">The lab could not be started.</exception>
    public async ValueTask<(LabEndpoint Endpoint, string CaPath)?> AtAsync(double? value, CancellationToken cancellation)
    {
        var isSwept = invocation.Sweep is { } sweep && SweepText.IsOfLab(sweep.Name);
        if (invocation.Lab && (_running is null || isSwept))
        {
            await DisposeAsync();
            var options = isSwept ? Options(invocation.Sweep!.Name, value!.Value) : new LabOptions();
            _process = await LabProcess.StartAsync(options, cancellation);
            using var certificate = new MemoryStream(Encoding.ASCII.GetBytes(_process.CaCertificatePem));
            var path = await files.KeepAsync("lab-ca.pem", certificate, cancellation);
            _running = (_process.Endpoint, path);
        }

        return _running;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }
    }

    private static LabOptions Options(string name, double value) =>
        name == SweepText.Body ? new LabOptions { Body = (long)value } : new LabOptions { Delay = TimeSpan.FromMilliseconds(value) };
}
