using System.Runtime.CompilerServices;

namespace Fetcher.Core.Reports.Fields;

/// <content>Seconds, of which a result has nine.</content>
internal ref partial struct Utf8Line
{
    /// <summary>Nanoseconds in the microsecond that is the unit of reports.</summary>
    private const int NanosecondsPerMicrosecond = 1000;
    private const uint MicrosecondsPerSecond = 1_000_000;

    /// <summary>Digits, point and six decimals of less than ten seconds.</summary>
    private const int ShortSecondsLength = 8;

    /// <summary>Writes nanoseconds as seconds with six decimals, rounded half up; less than half a microsecond is <c>0</c>.</summary>
    public void Seconds(long nanoseconds)
    {
        if (nanoseconds is > -NanosecondsPerMicrosecond / 2 and < NanosecondsPerMicrosecond / 2)
        {
            _span[Length++] = (byte)'0';
        }
        else if (nanoseconds == _lastSeconds)
        {
            WriteBlock(_lastBlock, ShortSecondsLength);
        }
        else if (TryShortSeconds(nanoseconds, out var block))
        {
            (_lastSeconds, _lastBlock) = (nanoseconds, block);
            WriteBlock(block, ShortSecondsLength);
        }
        else
        {
            LongSeconds(nanoseconds);
        }
    }

    /// <summary>Nanoseconds as <see cref="Seconds"/> writes them, the first byte lowest, where that takes <see cref="ShortSecondsLength"/> bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool TryShortSeconds(long nanoseconds, out ulong block)
    {
        // Negative ones are large as well.
        var micros = ((ulong)nanoseconds + (NanosecondsPerMicrosecond / 2)) / NanosecondsPerMicrosecond;
        if (micros is 0 or >= 10 * MicrosecondsPerSecond)
        {
            block = 0;
            return false;
        }

        // Seven digits of eight: that of the seconds moves to the front, the point takes its place.
        var digits = DecimalDigits.EightOf((uint)micros);
        block = (digits & ~0xFFFFUL) | ((ulong)'.' << 8) | ((digits >> 8) & 0xFF);
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LongSeconds(long nanoseconds)
    {
        if (nanoseconds < 0)
        {
            _span[Length++] = (byte)'-';
        }

        // Negation wraps for the smallest long, and the cast makes of it what it should be.
        var magnitude = (ulong)(nanoseconds < 0 ? -nanoseconds : nanoseconds);
        var micros = (magnitude + (NanosecondsPerMicrosecond / 2)) / NanosecondsPerMicrosecond;
        var seconds = micros / MicrosecondsPerSecond;
        Number((long)seconds);

        // Six digits of eight: the point takes the place of the second zero before them.
        var digits = DecimalDigits.EightOf((uint)(micros - (seconds * MicrosecondsPerSecond)));
        WriteBlock(((digits >> 8) & ~0xFFUL) | '.', length: 7);
    }
}
