using Spectre.Console;

namespace Fetcher.Terminal;

/// <summary>
/// Shows on standard error how far a run has come: one line that is written over about ten times a second, or a plain line every ten
/// seconds.
/// It asks for a snapshot each time, so a URL costs nothing more for being shown. Disposing takes the line away.
/// </summary>
internal sealed class ProgressDisplay : IAsyncDisposable
{
    private static readonly TimeSpan LineInterval = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PlainInterval = TimeSpan.FromSeconds(10);

    private const int LongestLine = 10_000;

    private static readonly Style DoneStyle = new(Color.Green);
    private static readonly Style LeftStyle = new(Color.Grey);

    /// <summary>ECMA-48: to the first column, then EL, erase in line.</summary>
    private const string EraseLine = "\r" + EraseToEnd;
    private const string EraseToEnd = "\u001b[K";

    private readonly IAnsiConsole _console;
    private readonly Func<ProgressSnapshot> _snapshot;
    private readonly RateMeter _urls;
    private readonly RateMeter _bytes;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _shown;
    private bool _lineShown;

    private ProgressRates Rates => new(_urls.PerSecond, _bytes.PerSecond);

    private ProgressDisplay(
        IAnsiConsole console, Func<ProgressSnapshot> snapshot, TimeProvider time, Func<ProgressDisplay, TimeProvider, Task> show)
    {
        _console = console;
        _snapshot = snapshot;
        _urls = new RateMeter(time);
        _bytes = new RateMeter(time);
        _shown = show(this, time);
    }

    /// <summary>Starts the line that is written over.</summary>
    /// <param name="console">A live one on standard error (<see cref="TerminalStyle.CreateLiveConsole"/>).</param>
    /// <param name="snapshot">How far the run is; called on a thread of the pool.</param>
    /// <param name="time">The clock.</param>
    /// <param name="width">Columns of the terminal at the moment (<see cref="TerminalStyle.CurrentWidth"/>): people resize windows.</param>
    public static ProgressDisplay StartLine(IAnsiConsole console, Func<ProgressSnapshot> snapshot, TimeProvider time, Func<int> width) =>
        new(console, snapshot, time, (display, time) => display.ShowLineAsync(time, width));

    /// <summary>Starts plain lines, for logs.</summary>
    public static ProgressDisplay StartPlain(IAnsiConsole console, Func<ProgressSnapshot> snapshot, TimeProvider time) =>
        new(console, snapshot, time, static (display, time) => display.ShowPlainAsync(time));

    /// <summary>Writes a line of its own, such as a warning, above the progress line.</summary>
    public void WriteLine(string text)
    {
        lock (_console)
        {
            if (_lineShown)
            {
                Control(EraseLine);
            }

            _console.Write(new Text(text + "\n"));
            _lineShown = false;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _shown;
        _stop.Dispose();
    }

    private async Task ShowLineAsync(TimeProvider time, Func<int> width)
    {
        await EveryAsync(LineInterval, time, () =>
        {
            _console.Profile.Width = width();
            var line = Line();
            lock (_console)
            {
                // Over the old line, then erase what is left of it: erasing first would flicker.
                Control("\r");
                _console.Write(line);
                Control(EraseToEnd);
                _lineShown = true;
            }
        });
        lock (_console)
        {
            if (_lineShown)
            {
                Control(EraseLine);
            }
        }
    }

    private Task ShowPlainAsync(TimeProvider time)
    {
        // A line of a log is one line, however long: the console would fold it.
        _console.Profile.Width = LongestLine;
        return EveryAsync(PlainInterval, time, () =>
        {
            var snapshot = Sample();
            WriteLine(ProgressText.Of(snapshot, Rates, ", ", LongestLine));
        });
    }

    private async Task EveryAsync(TimeSpan interval, TimeProvider time, Action show)
    {
        using var timer = new PeriodicTimer(interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                show();
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed: the normal end.
        }
    }

    private Paragraph Line()
    {
        var snapshot = Sample();

        // A character in the last column would make some terminals begin a new line.
        var room = _console.Profile.Width - 1;
        var text = ProgressText.Of(snapshot, Rates, "  ", snapshot.Total is null ? room : room - ProgressText.MinBarWidth - 1);
        var (done, left) = ProgressText.Bar(snapshot, room - text.Length - 1);
        return done + left == 0
            ? new Paragraph(text)
            : new Paragraph(new string('━', done), DoneStyle).Append(new string('─', left), LeftStyle).Append(" " + text);
    }

    private void Control(string sequence) => _console.Write(new ControlCode(sequence));

    private ProgressSnapshot Sample()
    {
        var snapshot = _snapshot();
        _urls.Sample(snapshot.Done);
        _bytes.Sample(snapshot.Bytes);
        return snapshot;
    }
}
