using System.Runtime.InteropServices;

namespace Fetcher.Core.Loop.Uring;

/// <summary>
/// Where what is to be sent in this turn of the loop stays until the kernel has taken it. Sends do not wait, so after a turn all of it is free again.
/// </summary>
internal sealed class SendArena
{
    private const int BlockSize = 64 * 1024;

    private readonly List<byte[]> _blocks = [NewBlock(BlockSize)];
    private int _current;
    private int _used;

    /// <summary>Copies <paramref name="data"/> to where it stays until <see cref="Reset"/>.</summary>
    /// <returns>The copy, and its address.</returns>
    public (ReadOnlyMemory<byte> Copy, ulong Address) Add(ReadOnlySpan<byte> data)
    {
        while (_blocks[_current].Length - _used < data.Length)
        {
            _current++;
            _used = 0;
            if (_current == _blocks.Count)
            {
                _blocks.Add(NewBlock(Math.Max(BlockSize, data.Length)));
            }
        }

        var block = _blocks[_current];
        var start = _used;
        data.CopyTo(block.AsSpan(start));
        _used += data.Length;
        return (block.AsMemory(start, data.Length), (ulong)Marshal.UnsafeAddrOfPinnedArrayElement(block, start));
    }

    /// <summary>The kernel has taken all of it.</summary>
    public void Reset() => _current = _used = 0;

    private static byte[] NewBlock(int size) => GC.AllocateUninitializedArray<byte>(size, pinned: true);
}
