using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Saving;

/// <summary>Compares and copies what is in files.</summary>
internal static class FileContent
{
    private const int BlockSize = 64 * 1024;

    /// <summary>Whether two files begin with the same bytes.</summary>
    /// <param name="one">A file, open to be read.</param>
    /// <param name="other">The other.</param>
    /// <param name="length">How many bytes; false when either has fewer.</param>
    /// <exception cref="IOException">One cannot be read.</exception>
    public static bool IsSame(SafeFileHandle one, SafeFileHandle other, long length)
    {
        var (block, otherBlock) = (new byte[BlockSize], new byte[BlockSize]);
        for (long position = 0; position < length; position += BlockSize)
        {
            var part = block.AsSpan(0, (int)Math.Min(BlockSize, length - position));
            var otherPart = otherBlock.AsSpan(0, part.Length);
            if (!TryRead(one, part, position) || !TryRead(other, otherPart, position) || !part.SequenceEqual(otherPart))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Copies all bytes of a file to the beginning of another.</summary>
    /// <returns>How many they are.</returns>
    /// <exception cref="IOException">One cannot be read, or the other not written.</exception>
    public static long Copy(SafeFileHandle from, SafeFileHandle to)
    {
        var block = new byte[BlockSize];
        long position = 0;
        for (int length; (length = RandomAccess.Read(from, block, position)) > 0; position += length)
        {
            RandomAccess.Write(to, block.AsSpan(0, length), position);
        }

        return position;
    }

    private static bool TryRead(SafeFileHandle file, Span<byte> block, long position)
    {
        while (!block.IsEmpty)
        {
            var length = RandomAccess.Read(file, block, position);
            if (length == 0)
            {
                return false;
            }

            position += length;
            block = block[length..];
        }

        return true;
    }
}
