using System.Globalization;
using Fetcher.Commands;
using Fetcher.Core.Timing.Comparison;

namespace Fetcher.Compare;

/// <summary>Reads <c>--sweep NAME=VALUE,VALUE...</c>, and says what a value means for a round.</summary>
internal static class SweepText
{
    /// <summary>Idle connections beside the work.</summary>
    public const string Idle = "idle";

    /// <summary>Size of the lab's pages in bytes.</summary>
    public const string Body = "body";

    /// <summary>Time until the first byte of the lab's pages, in milliseconds.</summary>
    public const string Delay = "delay";

    /// <summary>Window of an HTTP/2 stream in bytes.</summary>
    private const string Window = "window";

    /// <summary>Version of HTTP.</summary>
    public const string Http = "http";

    private const string Example = "e.g. concurrency=10,100,1000";

    private static readonly (string Name, Func<string, double> Parse)[] Known =
    [
        ("concurrency", text => OptionText.Integer(text, 1)),
        ("loops", text => OptionText.Integer(text, 1)),
        ("count", text => OptionText.Integer(text, 1)),
        ("cpu-burst", text => OptionText.Milliseconds(text).TotalMilliseconds),
        (Idle, text => OptionText.Integer(text, 0)),
        (Http, HttpVersion),
        (Window, text => NetworkOptionSet.Window(text)),
        (Body, text => text == "0" ? 0 : OptionText.Bytes(text)),
        (Delay, text => OptionText.Milliseconds(text).TotalMilliseconds),
    ];

    /// <summary>Whether a value is the lab's and not the client's.</summary>
    public static bool IsOfLab(string name) => name is Body or Delay;

    /// <summary>Reads the option's value.</summary>
    /// <exception cref="FormatException">It has no name that is known, no values, a value that cannot be, or one twice.</exception>
    public static Sweep Parse(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0)
        {
            throw new FormatException($"'{text}' has no values, {Example}");
        }

        var name = text[..equals];
        var known = Array.Find(Known, known => known.Name == name);
        if (known.Parse is null)
        {
            throw new FormatException($"'{name}' is nothing that can be swept: {string.Join(", ", Known.Select(known => known.Name))} are");
        }

        var parts = text[(equals + 1)..].Split(',');
        if (Array.Exists(parts, part => part.Length == 0))
        {
            throw new FormatException($"'{text}' has an empty value, {Example}");
        }

        var values = parts.Select(known.Parse).ToArray();
        return values.Distinct().Count() == values.Length
            ? new Sweep(name, values)
            : throw new FormatException($"'{text}' has a value twice");
    }

    /// <summary>The argument that has a round's process use the value; null where the lab does.</summary>
    public static string? Argument(string name, double value) =>
        IsOfLab(name) ? null
        : name == Http ? value switch { 1 => "--http1.0", < 2 => "--http1.1", _ => "--http2" }
        : name == Window ? string.Create(CultureInfo.InvariantCulture, $"--http2-window={value}")
        : string.Create(CultureInfo.InvariantCulture, $"--{name}={value}");

    private static double HttpVersion(string text) => text switch
    {
        "1.0" => 1.0,
        "1.1" => 1.1,
        "2" => 2,
        _ => throw new FormatException($"'{text}' is none of 1.0, 1.1 and 2"),
    };
}
