using System.Text;

namespace Fetcher.Telemetry;

/// <summary>What became of a request to a collector.</summary>
/// <param name="Reason">Why it was not taken, or not all of it, in a few words; null when it was.</param>
internal sealed record OtlpAnswer(string? Reason = null)
{
    /// <summary>Whether the collector took it, be it with exceptions.</summary>
    public bool IsTaken { get; init; }

    /// <summary>Spans or points that it did not take of a request that it took.</summary>
    public long Rejected { get; init; }

    /// <summary>Whether it may go well another time.</summary>
    public bool MayPass { get; init; }

    /// <summary>Whether there was not even a connection.</summary>
    public bool IsUnreachable { get; init; }

    /// <summary>When the collector wants to be asked again, or null.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>
    /// A message ExportTraceServiceResponse or ExportMetricsServiceResponse: in field 1 it may say how many were rejected, and why. What is no such message says
    /// nothing: the collector has taken the request.
    /// </summary>
    public static OtlpAnswer OfTaken(ReadOnlySpan<byte> message)
    {
        var rejected = 0L;
        var reason = "";
        while (TryReadField(ref message, out var field, out _, out var partial))
        {
            while (field == 1 && TryReadField(ref partial, out var inner, out var number, out var text))
            {
                rejected = inner == 1 ? number : rejected;
                reason = inner == 2 ? Encoding.UTF8.GetString(text) : reason;
            }
        }

        return new OtlpAnswer(rejected > 0 ? $"the collector rejected them: {reason}" : null) { IsTaken = true, Rejected = Math.Max(0, rejected) };
    }

    private static bool TryReadField(ref ReadOnlySpan<byte> from, out int field, out long number, out ReadOnlySpan<byte> bytes)
    {
        field = 0;
        number = 0;
        bytes = default;
        if (from.IsEmpty || !TryReadNumber(ref from, out var tag))
        {
            return false;
        }

        field = (int)(tag >> 3);
        switch (tag & 7)
        {
            case 0:
                return TryReadNumber(ref from, out number);
            case 1 or 5:
                return TryTake(ref from, (tag & 7) == 1 ? sizeof(long) : sizeof(int), out bytes);
            case 2:
                return TryReadNumber(ref from, out var length) && TryTake(ref from, length, out bytes);
            default:
                return false;
        }
    }

    private static bool TryReadNumber(ref ReadOnlySpan<byte> from, out long number)
    {
        number = 0;
        for (var i = 0; i < Math.Min(10, from.Length); i++)
        {
            number |= (long)(from[i] & 0x7F) << (7 * i);
            if (from[i] < 0x80)
            {
                from = from[(i + 1)..];
                return true;
            }
        }

        return false;
    }

    private static bool TryTake(ref ReadOnlySpan<byte> from, long length, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (length < 0 || length > from.Length)
        {
            return false;
        }

        bytes = from[..(int)length];
        from = from[(int)length..];
        return true;
    }
}
