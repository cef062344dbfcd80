using System.Numerics;
using System.Runtime.CompilerServices;

namespace Fetcher.Core.Reports.Fields;

/// <summary>
/// The decimal digits of a number as ASCII, a byte each, the first in the lowest. The number is halved, each time all parts at once; the divisions by 100 and 10
/// are multiplications, exact below 10,000 and 179.
/// </summary>
internal static class DecimalDigits
{
    /// <summary>Where numbers begin to have more than four digits, and more than eight.</summary>
    public const uint Four = 10_000, Eight = 100_000_000;

    private const ulong Zeros = 0x3030_3030_3030_3030;

    /// <summary>The four digits of a number below <see cref="Four"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong FourOf(uint number) => DigitsOf(number) | Zeros;

    /// <summary>The eight digits of a number below <see cref="Eight"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong EightOf(uint number)
    {
        var thousands = number / Four;
        return DigitsOf(thousands | ((ulong)(number - (thousands * Four)) << 32)) | Zeros;
    }

    /// <summary>How many of the digits are zeros before the first other one, in bits; the number is not 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int LeadingZeros(ulong digits) => BitOperations.TrailingZeroCount(digits ^ Zeros) & ~7;

    /// <summary>The digits of two numbers below <see cref="Four"/>, 32 bits each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong DigitsOf(ulong halves)
    {
        var hundreds = ((halves * 10_486) >> 20) & 0x0000_007F_0000_007F;
        var quarters = hundreds | ((halves - (hundreds * 100)) << 16);
        var tens = ((quarters * 103) >> 10) & 0x000F_000F_000F_000F;
        return tens | ((quarters - (tens * 10)) << 8);
    }
}
