using System.Runtime.CompilerServices;

namespace Fetcher.Core;

/// <summary>
/// References that mostly stay the same from one URL to the next. A store costs ten instructions, since the garbage collector keeps account of it, even of what is
/// there already; a comparison costs two (bench/NOTES.md).
/// </summary>
internal static class Kept
{
    /// <summary>Stores <paramref name="value"/> in <paramref name="field"/>, unless it is there already.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set<T>(ref T field, T value)
        where T : class?
    {
        if (!ReferenceEquals(field, value))
        {
            field = value;
        }
    }
}
