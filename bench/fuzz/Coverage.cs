using System.Numerics;
using System.Runtime.InteropServices;
using SharpFuzz;
using SharpFuzz.Common;

namespace Fetcher.Fuzz;

/// <summary>
/// Which branches an input takes, by the code that SharpFuzz writes into an assembly: each step from one block to the next counts a byte up, as in AFL.
/// </summary>
internal sealed unsafe class Coverage
{
    private const int Steps = 1 << 16;

    private static readonly byte[] Taken = GC.AllocateArray<byte>(Steps, pinned: true);

    private readonly byte[] _seen = new byte[Steps];

    /// <summary>Steps seen so far, each with each of the eight magnitudes of how often it was taken.</summary>
    public int Seen { get; private set; }

    /// <summary>Makes an assembly count, in its file, which must not be loaded yet.</summary>
    public static void Instrument(string path)
    {
        Trace.SharedMem = (byte*)Marshal.UnsafeAddrOfPinnedArrayElement(Taken, 0);
        if (File.ReadAllBytes(path).AsSpan().IndexOf("SharpFuzz.Common"u8) < 0)
        {
            _ = Fuzzer.Instrument(path, _ => true, Options.Value).Count();
        }
    }

    /// <summary>Forgets what was taken before an input.</summary>
    public static void Begin()
    {
        Taken.AsSpan().Clear();
        Trace.PrevLocation = 0;
    }

    /// <summary>Whether the input took a step that none took before, or one by a magnitude more often.</summary>
    public bool IsNew()
    {
        var before = Seen;
        for (var step = Next(0); step < Steps; step = Next(step + 1))
        {
            var magnitude = (byte)(1 << BitOperations.Log2(Taken[step]));
            Seen += (_seen[step] & magnitude) == 0 ? 1 : 0;
            _seen[step] |= magnitude;
        }

        return Seen > before;
    }

    private static int Next(int from)
    {
        var further = Taken.AsSpan(from).IndexOfAnyExcept((byte)0);
        return further < 0 ? Steps : from + further;
    }
}
