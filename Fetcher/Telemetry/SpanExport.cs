using System.Diagnostics;
using System.Threading.Channels;
using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>Takes the spans of a run as they end, on whichever thread, and sends them on in batches.</summary>
internal sealed class SpanExport : IDisposable
{
    private static readonly TimeSpan LongestEnd = TimeSpan.FromSeconds(30);

    private readonly OtlpSettings _settings;
    private readonly OtlpSender _sender;
    private readonly ActivityListener _listener;
    private readonly Channel<Activity> _waiting;
    private readonly SemaphoreSlim _wake = new(0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private long _ended, _lost;
    private volatile string? _reason;
    private volatile bool _isEnding;

    // Set before _isEnding is.
    private TimeSpan _batchBound;
    private long _endBefore;

    /// <exception cref="FetchSetupException">The target's certificates cannot be used.</exception>
    public SpanExport(OtlpSettings settings, OtlpTarget target)
    {
        (_settings, _sender) = (settings, new OtlpSender(target));
        _waiting = Channel.CreateBounded<Activity>(new BoundedChannelOptions(settings.MostWaiting) { SingleReader = true });
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is FetchTelemetry.ActivitySourceName or RunTelemetry.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) => settings.Sampler.Records(options.TraceId, options.Parent)
                ? ActivitySamplingResult.AllDataAndRecorded
                : ActivitySamplingResult.PropagationData,
            ActivityStopped = Take,
        };
        ActivitySource.AddActivityListener(_listener);
        _sending = Task.Run(SendAllAsync);
    }

    /// <summary>Spans that ended and were to be recorded.</summary>
    public long Ended => Interlocked.Read(ref _ended);

    /// <summary>How many of them reached no collector.</summary>
    public long Lost => Interlocked.Read(ref _lost);

    /// <summary>Why, in a few words: the last reason that there was.</summary>
    public string? Reason => _reason;

    /// <summary>Sends what waits still: as long as the collector takes batches, but not without end.</summary>
    /// <param name="bound">How long one batch may take.</param>
    public async Task EndAsync(TimeSpan bound)
    {
        _listener.Dispose();
        (_batchBound, _endBefore) = (bound, Environment.TickCount64 + (long)LongestEnd.TotalMilliseconds);
        _isEnding = _sender.IsEnding = true;
        _wake.Release();
        _stop.CancelAfter(bound);
        await _sending;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _sender.Dispose();
        _stop.Dispose();
        _wake.Dispose();
    }

    private void Take(Activity span)
    {
        if (!span.Recorded)
        {
            return;
        }

        var ended = Interlocked.Increment(ref _ended);
        if (!_waiting.Writer.TryWrite(span))
        {
            Lose(1, $"more than {_settings.MostWaiting} waited (OTEL_BSP_MAX_QUEUE_SIZE)");
        }

        if (ended % _settings.Batch == 0)
        {
            _wake.Release();
        }
    }

    private async Task SendAllAsync()
    {
        var (batch, message) = (new List<Activity>(_settings.Batch), new ProtobufWriter());
        while (true)
        {
            await _wake.WaitAsync(_settings.BatchDelay);
            var isLast = _isEnding;
            while (TryFill(batch))
            {
                OtlpSpans.Write(message, _settings.Resource, batch);
                var answer = await _sender.SendAsync(message.Written, _stop.Token);
                if (answer.Reason is { } reason)
                {
                    Lose(answer.IsTaken ? answer.Rejected : batch.Count, reason);
                }

                if (answer.IsTaken && _isEnding && Environment.TickCount64 < _endBefore)
                {
                    _stop.CancelAfter(_batchBound);
                }
            }

            if (isLast)
            {
                return;
            }
        }
    }

    private bool TryFill(List<Activity> batch)
    {
        batch.Clear();
        while (batch.Count < _settings.Batch && _waiting.Reader.TryRead(out var span))
        {
            batch.Add(span);
        }

        return batch.Count > 0;
    }

    private void Lose(long count, string reason)
    {
        Interlocked.Add(ref _lost, count);
        _reason = reason;
    }
}
