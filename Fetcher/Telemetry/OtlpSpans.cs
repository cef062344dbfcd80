using System.Diagnostics;

namespace Fetcher.Telemetry;

/// <summary>Activities as an ExportTraceServiceRequest (trace_service.proto and trace.proto of https://github.com/open-telemetry/opentelemetry-proto).</summary>
internal static class OtlpSpans
{
    // Bits of the flags of a span, beside those of W3C.
    private const uint KnowsWhetherRemote = 0x100, IsRemote = 0x200;

    /// <summary>Writes a request.</summary>
    /// <param name="to">Where to; what stood there is cleared.</param>
    /// <param name="resource">What the spans are about.</param>
    /// <param name="spans">Ended activities.</param>
    public static void Write(ProtobufWriter to, IReadOnlyList<KeyValuePair<string, string>> resource, IReadOnlyList<Activity> spans)
    {
        to.Clear();
        var all = to.Begin(1);
        OtlpAttributes.WriteResource(to, 1, resource);
        foreach (var scope in spans.GroupBy(span => span.Source))
        {
            var ofScope = to.Begin(2);
            OtlpAttributes.WriteScope(to, 1, scope.Key.Name, scope.Key.Version);
            foreach (var span in scope)
            {
                Write(to, span);
            }

            to.End(ofScope);
        }

        to.End(all);
    }

    private static void Write(ProtobufWriter to, Activity span)
    {
        Span<byte> id = stackalloc byte[16];
        var message = to.Begin(2);
        span.TraceId.CopyTo(id);
        to.Bytes(1, id);
        span.SpanId.CopyTo(id[..8]);
        to.Bytes(2, id[..8]);
        if (span.TraceStateString is { Length: > 0 } state)
        {
            to.Text(3, state);
        }

        if (span.ParentSpanId != default)
        {
            span.ParentSpanId.CopyTo(id[..8]);
            to.Bytes(4, id[..8]);
        }

        to.Text(5, span.DisplayName);

        // Kinds begin with 1 there, and with 0 here.
        to.Integer(6, (int)span.Kind + 1);
        to.Fixed64(7, OtlpAttributes.UnixNanoseconds(span.StartTimeUtc));
        to.Fixed64(8, OtlpAttributes.UnixNanoseconds(span.StartTimeUtc + span.Duration));
        foreach (var (name, value) in span.TagObjects)
        {
            OtlpAttributes.Write(to, 9, name, value);
        }

        if (span.Status != ActivityStatusCode.Unset)
        {
            var status = to.Begin(15);
            to.Integer(3, (int)span.Status);
            to.End(status);
        }

        to.Fixed32(16, (uint)span.ActivityTraceFlags | KnowsWhetherRemote | (span.HasRemoteParent ? IsRemote : 0));
        to.End(message);
    }
}
