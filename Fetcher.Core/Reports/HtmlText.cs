using System.Globalization;
using System.Net;
using System.Text;

namespace Fetcher.Core.Reports;

/// <summary>Pieces of HTML and SVG. Whatever came from outside goes through <see cref="Escape"/>.</summary>
internal static class HtmlText
{
    /// <summary>Text that is only text: no markup, no control or invisible characters.</summary>
    public static string Escape(string text) => WebUtility.HtmlEncode(PrintableText.Of(text));

    /// <summary>A share from 0 to 1 as a percentage for an attribute, so that a drawing has the width of its place.</summary>
    public static string Percent(double share) => $"{Number(100 * Math.Clamp(share, 0, 1))}%";

    /// <summary>A number for an attribute.</summary>
    public static string Number(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    /// <summary>Draws a rectangle with the attribute that says how it looks. Places and sizes are attribute values.</summary>
    public static void Rect(this StringBuilder html, string look, string x, string y, string width, string height) =>
        html.Append($"<rect {look} x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\"/>");

    /// <summary>Draws a line of a class.</summary>
    public static void Line(this StringBuilder html, string look, string x1, string y1, string x2, string y2) =>
        html.Append($"<line class=\"{look}\" x1=\"{x1}\" y1=\"{y1}\" x2=\"{x2}\" y2=\"{y2}\"/>");

    /// <summary>Draws a circle of a class.</summary>
    public static void Circle(this StringBuilder html, string look, string x, string y, int radius) =>
        html.Append(CultureInfo.InvariantCulture, $"<circle class=\"{look}\" cx=\"{x}\" cy=\"{y}\" r=\"{radius}\"/>");
}
