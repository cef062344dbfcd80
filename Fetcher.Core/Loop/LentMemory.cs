using System.Diagnostics;

namespace Fetcher.Core.Loop;

/// <summary>Memory that a loop lends until the next await. A debug build overwrites it afterwards, so that a test fails when somebody still reads it.</summary>
internal static class LentMemory
{
    /// <summary>What it is overwritten with: no text, no digit, and no length that anything would fit.</summary>
    public const byte Garbage = 0xDB;

    /// <summary>Overwrites what is lent no longer. Does nothing in a release build.</summary>
    [Conditional("DEBUG")]
    public static void Overwrite(Span<byte> memory) => memory.Fill(Garbage);
}
