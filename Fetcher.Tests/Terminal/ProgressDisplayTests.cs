using System.Text;
using Fetcher.Core;
using Fetcher.Terminal;
using Microsoft.Extensions.Time.Testing;
using Spectre.Console;

namespace Fetcher.Tests.Terminal;

public sealed class ProgressDisplayTests
{
    private static readonly TerminalStyle Terminal = new(IsTerminal: true, Color: false, Width: 80);
    private static readonly TerminalStyle Colored = new(IsTerminal: true, Color: true, Width: 80);

    [Fact]
    public async Task The_line_is_written_over_and_taken_away_at_the_end()
    {
        var screen = new Screen(Terminal);
        var time = new FakeTimeProvider();
        var done = 0L;
        await using (ProgressDisplay.StartLine(screen.Console, () => At(done), time, () => 80))
        {
            screen.Text.ShouldBeEmpty();
            await screen.AfterAsync(() => time.Advance(TimeSpan.FromMilliseconds(100)), "\r─", "0/1,000", "64 in flight");
            done = 500;
            await screen.AfterAsync(
                () => time.Advance(TimeSpan.FromMilliseconds(100)), "\r━━━━━", "500/1,000", "2 failed", "\u001b[K");
        }

        screen.Text.ShouldEndWith("\r\u001b[K");
        screen.Text.ShouldNotContain("\n");
    }

    [Fact]
    public async Task The_line_is_never_as_wide_as_the_terminal_of_the_moment()
    {
        var screen = new Screen(Terminal);
        var time = new FakeTimeProvider();
        var width = 120;
        var half = At(500);
        await using var progress = ProgressDisplay.StartLine(screen.Console, () => half, time, () => width);
        await screen.AfterAsync(() => time.Advance(TimeSpan.FromMilliseconds(100)), "64 in flight\u001b[K");
        width = 40;
        await screen.AfterAsync(() => time.Advance(TimeSpan.FromMilliseconds(100)), "2 failed\u001b[K");
        screen.Text.Split('\r')[^1].Length.ShouldBe(39 + "\u001b[K".Length);
    }

    [Fact]
    public async Task A_run_that_is_over_before_the_first_tick_shows_nothing()
    {
        var screen = new Screen(Terminal);
        await using (ProgressDisplay.StartLine(screen.Console, () => At(0), new FakeTimeProvider(), () => 80))
        {
        }

        screen.Text.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_warning_stands_above_the_line()
    {
        var screen = new Screen(Colored);
        var time = new FakeTimeProvider();
        await using var progress = ProgressDisplay.StartLine(screen.Console, () => At(1) with { Total = null }, time, () => 80);
        progress.WriteLine("first");
        screen.Text.ShouldBe("first\n");
        await screen.AfterAsync(() => time.Advance(TimeSpan.FromMilliseconds(100)), "1 so far", "\u001b[K");
        progress.WriteLine("[red]second[/]");
        screen.Text.ShouldEndWith("\r\u001b[K[red]second[/]\n");
    }

    [Fact]
    public async Task Plain_progress_is_a_line_every_ten_seconds_without_escape_sequences()
    {
        var screen = new Screen(TerminalStyle.Plain);
        var time = new FakeTimeProvider();
        await using (ProgressDisplay.StartPlain(screen.Console, () => At(500), time))
        {
            time.Advance(TimeSpan.FromSeconds(9));
            screen.Text.ShouldBeEmpty();
            await screen.AfterAsync(() => time.Advance(TimeSpan.FromSeconds(1)), "\n");
        }

        screen.Text.ShouldBe("500/1,000, 50 %, 2 failed (2 timeout), 50.0/s, ETA 0:10, 0 B, 0 B/s, 64 in flight\n");
    }

    [Fact]
    public async Task Rates_and_the_time_to_go_follow_the_last_seconds()
    {
        var screen = new Screen(TerminalStyle.Plain);
        var time = new FakeTimeProvider();
        var snapshot = At(0);
        await using var progress = ProgressDisplay.StartPlain(screen.Console, () => snapshot, time);
        await screen.AfterAsync(() => time.Advance(TimeSpan.FromSeconds(10)), "\n");
        snapshot = At(200) with { Bytes = 20_480 };
        await screen.AfterAsync(
            () => time.Advance(TimeSpan.FromSeconds(10)), "200/1,000, 20 %, 2 failed (2 timeout), 20.0/s, ETA 0:40, 20.0 KiB, 2.0 KiB/s, 64 in flight\n");
    }

    private static ProgressSnapshot At(long done) => new(done, Total: 1000, InFlight: 64, Bytes: 0, [(FetchErrorKind.Timeout, 2)]);

    /// <summary>A console whose text can be waited for.</summary>
    private sealed class Screen : TextWriter
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
        private readonly StringBuilder _text = new();
        private readonly SemaphoreSlim _written = new(0);

        public Screen(TerminalStyle style) => Console = style.CreateLiveConsole(this);

        public IAnsiConsole Console { get; }

        public override Encoding Encoding => Encoding.UTF8;

        public string Text
        {
            get
            {
                lock (_text)
                {
                    return _text.ToString();
                }
            }
        }

        public override void Write(char value) => Write(value.ToString());

        public override void Write(string? value)
        {
            lock (_text)
            {
                _text.Append(value);
            }

            _written.Release();
        }

        /// <summary>Waits until what is written after <paramref name="action"/> contains all of <paramref name="parts"/>.</summary>
        public async Task AfterAsync(Action action, params string[] parts)
        {
            var before = Text.Length;
            action();
            while (!parts.All(part => Text[before..].Contains(part, StringComparison.Ordinal)))
            {
                (await _written.WaitAsync(Patience)).ShouldBeTrue($"got only '{Text[before..]}'");
            }
        }
    }
}
