using System.Buffers;
using System.Buffers.Text;

namespace Fetcher.Core.Http;

/// <summary>The Retry-After field (RFC 9110, section 10.2.3): how long to leave a server alone.</summary>
internal static class RetryAfter
{
    /// <summary>What a longer time counts as.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromDays(1);

    private static readonly SearchValues<byte> NumberBytes = SearchValues.Create("0123456789."u8);

    /// <summary>Reads a number of seconds or a date.</summary>
    /// <param name="value">The field's value.</param>
    /// <param name="now">What a date is compared with.</param>
    /// <returns>From zero, also for a date that has passed, to <see cref="Longest"/>; null when the value is empty or neither.</returns>
    public static TimeSpan? Parse(ReadOnlySpan<byte> value, DateTimeOffset now)
    {
        if (TryParseSeconds(value, out var seconds))
        {
            return TimeSpan.FromSeconds(Math.Min(seconds, Longest.TotalSeconds));
        }

        return HttpDate.TryParse(value, now, out var date) ? TimeSpan.FromTicks(Math.Clamp((date - now).Ticks, 0, Longest.Ticks)) : null;
    }

    /// <summary>A number of any size. The standard has whole seconds; servers that send a fraction mean that.</summary>
    private static bool TryParseSeconds(ReadOnlySpan<byte> value, out double seconds)
    {
        seconds = 0;
        return !value.IsEmpty
            && char.IsAsciiDigit((char)value[0])
            && !value.ContainsAnyExcept(NumberBytes)
            && Utf8Parser.TryParse(value, out seconds, out var used)
            && used == value.Length;
    }
}
