using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>Sends the metrics of a run on: from time to time, and at its end.</summary>
internal sealed class MetricExport : IDisposable
{
    private readonly OtlpSettings _settings;
    private readonly OtlpSender _sender;
    private readonly OtlpMetrics _metrics = new();
    private readonly ProtobufWriter _message = new();
    private readonly CancellationTokenSource _ended = new(), _stop = new();
    private readonly Task _sending;

    /// <exception cref="FetchSetupException">The target's certificates cannot be used.</exception>
    public MetricExport(OtlpSettings settings, OtlpTarget target)
    {
        (_settings, _sender) = (settings, new OtlpSender(target));
        _sending = Task.Run(SendFromTimeToTimeAsync);
    }

    /// <summary>Why the last metrics, which tell of all that was measured, reached no collector; null when they did.</summary>
    public string? Reason { get; private set; }

    /// <summary>Sends what was measured to the end.</summary>
    /// <param name="bound">How long that may take.</param>
    public async Task EndAsync(TimeSpan bound)
    {
        _metrics.Dispose();
        _sender.IsEnding = true;
        _stop.CancelAfter(bound);
        await _ended.CancelAsync();
        await _sending;
        await SendAsync();
    }

    public void Dispose()
    {
        _metrics.Dispose();
        _sender.Dispose();
        _ended.Dispose();
        _stop.Dispose();
    }

    private async Task SendFromTimeToTimeAsync()
    {
        while (true)
        {
            await Task.Delay(_settings.MetricInterval, _ended.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (_ended.IsCancellationRequested)
            {
                return;
            }

            await SendAsync();
        }
    }

    private async Task SendAsync()
    {
        if (_metrics.TryWrite(_message, _settings.Resource))
        {
            Reason = (await _sender.SendAsync(_message.Written, _stop.Token)).Reason;
        }
    }
}
