using System.Diagnostics;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>The request fields of W3C Trace Context (https://www.w3.org/TR/trace-context/): which trace a request is part of, and below which span.</summary>
internal static class TraceContext
{
    /// <summary>The name of the field, and of the one beside it that carries what tracing systems say of their own.</summary>
    public const string Name = "traceparent", StateName = "tracestate";

    private const int TraceAt = 16, SpanAt = 49, FlagsAt = 66;

    /// <summary>The field's line with its line end, and that of the state when there is one.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="span">The span that the request is.</param>
    /// <param name="isSampled">Whether whoever is asked is to record the trace.</param>
    /// <param name="state">The value of tracestate; null or empty for none.</param>
    public static byte[] Lines(ActivityTraceId trace, ActivitySpanId span, bool isSampled, string? state = null)
    {
        var line = "traceparent: 00-00000000000000000000000000000000-0000000000000000-00\r\n"u8.ToArray();
        Encoding.ASCII.GetBytes(trace.ToHexString(), line.AsSpan(TraceAt));
        Encoding.ASCII.GetBytes(span.ToHexString(), line.AsSpan(SpanAt));
        line[FlagsAt + 1] = (byte)(isSampled ? '1' : '0');
        return string.IsNullOrEmpty(state) || !IsVisible(state) ? line : [.. line, .. Encoding.ASCII.GetBytes($"{StateName}: {state}\r\n")];
    }

    /// <summary>Whether a state may stand in a field: what came from elsewhere must not end its line.</summary>
    private static bool IsVisible(string state) => !state.AsSpan().ContainsAnyExceptInRange(' ', '~');
}
