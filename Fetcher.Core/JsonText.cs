using System.Text.Encodings.Web;
using System.Text.Json;

namespace Fetcher.Core;

/// <summary>How JSON is written that people read as well.</summary>
internal static class JsonText
{
    /// <summary>Nothing is escaped that JSON does not ask for (RFC 8259, section 7). The default would escape '+' and letters beyond ASCII, for the sake of HTML.</summary>
    public static JsonWriterOptions Options { get; } = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
}
