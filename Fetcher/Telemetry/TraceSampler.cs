using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>
/// Whether the trace of a run is recorded (OTEL_TRACES_SAMPLER, https://opentelemetry.io/docs/specs/otel/trace/sdk/#sampling). It is decided once: all spans of
/// a run are part of one trace.
/// </summary>
internal sealed record TraceSampler
{
    /// <summary>The share of traces that are recorded, from 0 to 1.</summary>
    public double Ratio { get; init; } = 1;

    /// <summary>Whether a trace that goes on from another program is recorded when that one says so.</summary>
    public bool FollowsParent { get; init; } = true;

    /// <summary>What the variables say.</summary>
    /// <exception cref="FetchSetupException">They make no sense.</exception>
    public static TraceSampler Of(OtlpVariables variables)
    {
        const string Parent = "parentbased_";
        var name = variables.Text("OTEL_TRACES_SAMPLER") ?? "parentbased_always_on";
        var follows = name.StartsWith(Parent, StringComparison.Ordinal);
        return new TraceSampler
        {
            FollowsParent = follows,
            Ratio = (follows ? name[Parent.Length..] : name) switch
            {
                "always_on" => 1,
                "always_off" => 0,
                "traceidratio" => RatioOf(variables.Text("OTEL_TRACES_SAMPLER_ARG")),
                _ => throw new FetchSetupException($"OTEL_TRACES_SAMPLER is '{name}': fetcher knows always_on, always_off, traceidratio, and each with parentbased_ before it"),
            },
        };
    }

    /// <summary>Whether a trace is recorded.</summary>
    /// <param name="trace">Its id.</param>
    /// <param name="parent">Where it comes from; the default is nowhere.</param>
    public bool Records(ActivityTraceId trace, ActivityContext parent)
    {
        if (FollowsParent && parent != default)
        {
            return parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded);
        }

        // As OpenTelemetry's libraries do, so that all programs of a trace decide alike: by the lower half of its id.
        Span<byte> id = stackalloc byte[16];
        trace.CopyTo(id);
        return Ratio >= 1 || BinaryPrimitives.ReadUInt64BigEndian(id[8..]) >> 1 < Ratio * long.MaxValue;
    }

    private static double RatioOf(string? text) =>
        text is null ? 1
        : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var ratio) && ratio is >= 0 and <= 1 ? ratio
        : throw new FetchSetupException($"OTEL_TRACES_SAMPLER_ARG is '{text}', which is no number from 0 to 1");
}
