using Spectre.Console;

namespace Fetcher.Terminal;

/// <summary>What the output at hand can show.</summary>
/// <param name="IsTerminal">Whether it is a terminal that understands escape sequences; TERM=dumb is none.</param>
/// <param name="Color">Whether it may be sent colours and bold; NO_COLOR forbids them (https://no-color.org).</param>
/// <param name="Width">Columns; at least 40, and 80 where there is no terminal to ask.</param>
internal sealed record TerminalStyle(bool IsTerminal, bool Color, int Width)
{
    private const int MinWidth = 40;
    private const int DefaultWidth = 80;

    /// <summary>For a file or a pipe.</summary>
    public static TerminalStyle Plain { get; } = new(IsTerminal: false, Color: false, DefaultWidth);

    /// <summary>For standard output as it is now.</summary>
    public static TerminalStyle OfStandardOutput() => Of(Console.IsOutputRedirected);

    /// <summary>For standard error as it is now.</summary>
    public static TerminalStyle OfStandardError() => Of(Console.IsErrorRedirected);

    /// <summary>Columns of the terminal as they are now. It may report none at all, for example on a serial line.</summary>
    public static int CurrentWidth() => Console.WindowWidth is var width && width > 0 ? Math.Max(MinWidth, width) : DefaultWidth;

    /// <summary>A console that writes text from top to bottom to <paramref name="writer"/>.</summary>
    public IAnsiConsole CreateConsole(TextWriter writer) => Create(writer, escapes: Color);

    /// <summary>A console that may move the cursor to write over what it wrote before.</summary>
    public IAnsiConsole CreateLiveConsole(TextWriter writer) => Create(writer, escapes: IsTerminal);

    private static TerminalStyle Of(bool redirected)
    {
        if (redirected || Environment.GetEnvironmentVariable("TERM") is null or "" or "dumb")
        {
            return Plain;
        }

        var color = string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        return new TerminalStyle(IsTerminal: true, color, CurrentWidth());
    }

    private IAnsiConsole Create(TextWriter writer, bool escapes)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(writer),
            Ansi = escapes ? AnsiSupport.Yes : AnsiSupport.No,
            ColorSystem = Color ? ColorSystemSupport.Standard : ColorSystemSupport.NoColors,
            Interactive = escapes ? InteractionSupport.Yes : InteractionSupport.No,
            Enrichment = new ProfileEnrichment { UseDefaultEnrichers = false },
        });
        console.Profile.Width = Width;
        console.Profile.Capabilities.Unicode = true;
        return console;
    }
}
