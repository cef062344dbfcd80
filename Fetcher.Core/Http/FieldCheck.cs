using System.Text;

namespace Fetcher.Core.Http;

/// <summary>Whether fields that a program gives can be sent (RFC 9110, section 5): one with a line end in it would be two.</summary>
internal static class FieldCheck
{
    /// <summary>Why <paramref name="field"/> cannot be sent, without its value, which may be a secret; null when it can.</summary>
    public static string? WhyNot(RequestHeader field) =>
        WhyNoName(field.Name) ?? (Encoding.UTF8.GetBytes(field.Value ?? "").AsSpan().ContainsAny(HttpGrammar.Control)
            ? $"the value of header {field.Name} has a control character in it"
            : null);

    /// <summary>Why <paramref name="name"/> is no name of a field, or null.</summary>
    public static string? WhyNoName(string? name) =>
        string.IsNullOrEmpty(name) || Encoding.UTF8.GetBytes(name).AsSpan().ContainsAnyExcept(HttpGrammar.Token)
            ? $"\"{name}\" is no name of a header"
            : null;
}
