using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Saving;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// Tells the URLs that a list has had already. It is exact: what a table of eight bytes an entry takes for the same is compared, byte by byte, with what
/// was written to a temporary file, as long as the list. The table of ten million URLs is 128 MiB, and half as much more while it grows.
/// </summary>
/// <remarks>
/// The same are URLs that are the same when normalised, without fragment, of lines that say the same of headers, method and file. What is no URL is never
/// the same. Not safe for several threads.
/// </remarks>
internal sealed class DistinctUrls : IDisposable
{
    private const int BufferSize = 64 * 1024, LengthSize = 4, FirstEntries = 1024;

    /// <summary>An entry is a place in the file, and above it bits of the hash that most others do not have.</summary>
    private const int PlaceBits = 40;

    private const ulong PlaceMask = (1UL << PlaceBits) - 1;

    private readonly HttpUrl _url = new();
    private readonly byte[] _buffer = new byte[BufferSize];
    private ulong[] _table = new ulong[FirstEntries];
    private byte[] _key = new byte[256];
    private byte[] _other = new byte[256];
    private SafeFileHandle? _file;
    private long _written;
    private int _buffered;
    private int _count;

    /// <summary>Forgets all.</summary>
    public void Clear()
    {
        Array.Clear(_table);
        (_written, _buffered, _count) = (0, 0, 0);
    }

    /// <summary>Takes a line; false when there was one like it.</summary>
    /// <exception cref="IOException">The temporary file cannot be written or read.</exception>
    public bool Add(UrlItem item)
    {
        if (item.Problem is not null || !_url.TryParse(item.Text.Span, out _))
        {
            return true;
        }

        var key = KeyOf(item.Options);
        var hash = (ulong)Hash64.Of(key);
        var at = Find(hash, key);
        if (_table[at] != 0)
        {
            return false;
        }

        _table[at] = EntryOf(hash, Append(key));
        if (++_count > _table.Length / 4 * 3)
        {
            Grow();
        }

        return true;
    }

    public void Dispose() => _file?.Dispose();

    private static ulong EntryOf(ulong hash, long place) => (hash << PlaceBits) | (ulong)(place + 1);

    /// <summary>The place of the entry with the key, or the empty one where it belongs.</summary>
    private int Find(ulong hash, ReadOnlySpan<byte> key)
    {
        var tag = hash << PlaceBits;
        var at = HomeOf(hash);
        for (; _table[at] != 0; at = (at + 1) & (_table.Length - 1))
        {
            if ((_table[at] & ~PlaceMask) == tag && ReadAt((long)(_table[at] & PlaceMask) - 1).SequenceEqual(key))
            {
                break;
            }
        }

        return at;
    }

    // The table is a power of two long; the upper bits say where, the lower ones are kept in the entry.
    private int HomeOf(ulong hash) => (int)(hash >> (64 - BitOperations.Log2((uint)_table.Length)));

    private ReadOnlySpan<byte> KeyOf(UrlOptions? options)
    {
        var extra = options is null or { Headers: [], RemovedHeaders: [], Method: FetchMethod.Get, SaveAs: null, Sha256: null } ? "" : string.Join(
            '\0',
            [FetchMethods.NameOf(options.Method), options.SaveAs, options.Sha256, .. options.Headers.Select(field => $"{field.Name}:{field.Value}"), "", .. options.RemovedHeaders]);
        var length = _url.Text.Length + _url.UserInfo.Length + 2 + Encoding.UTF8.GetMaxByteCount(extra.Length);
        if (_key.Length < length)
        {
            _key = new byte[length];
        }

        _url.Text.CopyTo(_key);
        length = _url.Text.Length;
        _key[length++] = 0;
        _url.UserInfo.CopyTo(_key.AsSpan(length));
        length += _url.UserInfo.Length;
        _key[length++] = 0;
        return _key.AsSpan(0, length + Encoding.UTF8.GetBytes(extra, _key.AsSpan(length)));
    }

    /// <summary>Writes a key with its length before it; where it begins.</summary>
    private long Append(ReadOnlySpan<byte> key)
    {
        if (_buffered + LengthSize + key.Length > BufferSize)
        {
            Flush();
        }

        var place = _written + _buffered;
        Span<byte> length = stackalloc byte[LengthSize];
        BinaryPrimitives.WriteInt32LittleEndian(length, key.Length);
        if (LengthSize + key.Length > BufferSize)
        {
            RandomAccess.Write(File, length, _written);
            RandomAccess.Write(File, key, _written + LengthSize);
            _written += LengthSize + key.Length;
            return place;
        }

        length.CopyTo(_buffer.AsSpan(_buffered));
        key.CopyTo(_buffer.AsSpan(_buffered + LengthSize));
        _buffered += LengthSize + key.Length;
        return place;
    }

    private SafeFileHandle File => _file ??= TempFiles.CreateUnlinked();

    private void Flush()
    {
        RandomAccess.Write(File, _buffer.AsSpan(0, _buffered), _written);
        _written += _buffered;
        _buffered = 0;
    }

    /// <summary>The key at a place.</summary>
    private ReadOnlySpan<byte> ReadAt(long place)
    {
        if (place >= _written)
        {
            var rest = _buffer.AsSpan((int)(place - _written));
            return rest.Slice(LengthSize, BinaryPrimitives.ReadInt32LittleEndian(rest));
        }

        // Most keys come with their length in one read.
        var read = RandomAccess.Read(File, _other, place);
        var length = BinaryPrimitives.ReadInt32LittleEndian(_other);
        if (read < LengthSize + length)
        {
            _other = new byte[Math.Max(_other.Length, LengthSize + length)];
            if (RandomAccess.Read(File, _other.AsSpan(0, LengthSize + length), place) < LengthSize + length)
            {
                throw new IOException("the temporary file of the URLs is shorter than what was written to it");
            }
        }

        return _other.AsSpan(LengthSize, length);
    }

    /// <summary>Makes the table twice as long. The hashes are made anew of the keys, which are read in the order in which they were written.</summary>
    private void Grow()
    {
        Flush();
        _table = new ulong[_table.Length * 2];
        var block = new byte[BufferSize];
        for (long place = 0; place < _written;)
        {
            var read = RandomAccess.Read(File, block, place);
            var used = 0;
            for (int length; used + LengthSize <= read && used + LengthSize + (length = BinaryPrimitives.ReadInt32LittleEndian(block.AsSpan(used))) <= read;)
            {
                Enter(block.AsSpan(used + LengthSize, length), place + used);
                used += LengthSize + length;
            }

            if (used == 0)
            {
                // One that is longer than the block.
                var key = ReadAt(place);
                Enter(key, place);
                used = LengthSize + key.Length;
            }

            place += used;
        }
    }

    private void Enter(ReadOnlySpan<byte> key, long place)
    {
        var hash = (ulong)Hash64.Of(key);
        var at = HomeOf(hash);
        while (_table[at] != 0)
        {
            at = (at + 1) & (_table.Length - 1);
        }

        _table[at] = EntryOf(hash, place);
    }
}
