using Spectre.Console;
using Spectre.Console.Rendering;

namespace Fetcher.Terminal;

/// <summary>
/// Shows a run on standard error while it goes on (<c>--live</c>): drawn over itself a few times a second, out of snapshots, so that a URL costs nothing more.
/// Disposing takes it away, and the report stands in its place.
/// </summary>
internal sealed class LiveDisplay : IAsyncDisposable
{
    private const int MostHistory = 60;

    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(250), Second = TimeSpan.FromSeconds(1);

    private readonly IAnsiConsole _console;
    private readonly Func<RecentTimes, LiveSnapshot> _snapshot;
    private readonly TimeProvider _time;
    private readonly Func<int> _width;
    private readonly TimeSpan? _duration;
    private readonly RecentTimes _times;
    private readonly RateMeter _urls;
    private readonly RateMeter _bytes;
    private readonly Queue<double> _history = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly long _startedAt;
    private readonly Task _shown;
    private long _counted;
    private long _countedAt;

    /// <param name="console">A live one on standard error (<see cref="TerminalStyle.CreateLiveConsole"/>).</param>
    /// <param name="snapshot">How far the run is; it also hands the times over. Called on a thread of the pool.</param>
    /// <param name="duration">When nothing new begins any more, or null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="width">Columns of the terminal at the moment.</param>
    public LiveDisplay(IAnsiConsole console, Func<RecentTimes, LiveSnapshot> snapshot, TimeSpan? duration, TimeProvider time, Func<int> width)
    {
        (_console, _snapshot, _duration, _time, _width) = (console, snapshot, duration, time, width);
        _times = new RecentTimes(time);
        (_urls, _bytes) = (new RateMeter(time), new RateMeter(time));
        _startedAt = _countedAt = time.GetTimestamp();
        _shown = _console.Live(View()).AutoClear(true).Overflow(VerticalOverflow.Crop).StartAsync(ShowAsync);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _shown;
        _stop.Dispose();
    }

    private async Task ShowAsync(LiveDisplayContext context)
    {
        using var timer = new PeriodicTimer(Interval, _time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                context.UpdateTarget(View());
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed: the normal end.
        }
    }

    private IRenderable View()
    {
        _console.Profile.Width = _width();
        var snapshot = _snapshot(_times);
        _urls.Sample(snapshot.Done);
        _bytes.Sample(snapshot.Bytes);
        Count(snapshot.Done);
        return LiveView.Of(
            snapshot, new ProgressRates(_urls.PerSecond, _bytes.PerSecond), _times, [.. _history], _time.GetElapsedTime(_startedAt), _duration,
            _console.Profile.Width);
    }

    private void Count(long done)
    {
        var elapsed = _time.GetElapsedTime(_countedAt);
        if (elapsed < Second)
        {
            return;
        }

        if (_history.Count == MostHistory)
        {
            _history.Dequeue();
        }

        _history.Enqueue((done - _counted) / elapsed.TotalSeconds);
        (_counted, _countedAt) = (done, _time.GetTimestamp());
    }
}
