using System.IO.Compression;
using ZstdSharp;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// The lines of a list, whatever the file that holds it: gzip and zstd are unpacked, and of a sitemap (sitemaps.org) the locations are the lines. What a file
/// is, its first bytes say.
/// </summary>
/// <param name="file">The file or the pipe; it is not closed.</param>
/// <param name="name">What messages call it.</param>
internal sealed class ListText(Stream file, string name) : IDisposable
{
    /// <summary>Bytes that tell what a file is.</summary>
    public const int StartLength = 16;

    private Stream? _lines;

    /// <summary>Whether a file that begins so is more than its lines.</summary>
    public static bool IsPacked(ReadOnlySpan<byte> start) => start is [0x1F, 0x8B, ..] or [0x28, 0xB5, 0x2F, 0xFD, ..] || IsXml(start);

    /// <summary>Reads on and waits as long as there is nothing; 0 at the end.</summary>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="SourceException">It is not what its first bytes say.</exception>
    public int Read(Span<byte> buffer)
    {
        try
        {
            return (_lines ??= Open(new PeekStream(file))).Read(buffer);
        }
        catch (Exception e) when (e is InvalidDataException or ZstdException or EndOfStreamException)
        {
            throw new SourceException($"cannot read {name}: its compression is broken or ends too early", e);
        }
    }

    public void Dispose() => _lines?.Dispose();

    /// <summary>A list of URLs may begin with anything, and each line of it be judged by itself: only what sitemaps begin with is one.</summary>
    private static bool IsXml(ReadOnlySpan<byte> start)
    {
        start = start.StartsWith(ByteOrderMark) ? start[ByteOrderMark.Length..] : start;
        return start.StartsWith("<?xml"u8) || start.StartsWith("<urlset"u8) || start.StartsWith("<sitemapind"u8);
    }

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    private Stream Open(PeekStream bytes)
    {
        // A pipe is asked for no more than tells: the rest may be long in coming.
        var start = bytes.Peek(1);
        if (start is [0x1F or 0x28])
        {
            start = bytes.Peek(StartLength);
        }

        return start switch
        {
            [0x1F, 0x8B, ..] => Text(new PeekStream(new GZipStream(bytes, CompressionMode.Decompress))),
            [0x28, 0xB5, 0x2F, 0xFD, ..] => Text(new PeekStream(new DecompressionStream(bytes, leaveOpen: false))),
            _ => Text(bytes),
        };
    }

    private Stream Text(PeekStream bytes)
    {
        var start = bytes.Peek(1);
        return IsXml(start is [0xEF or (byte)'<', ..] ? bytes.Peek(StartLength) : start) ? new SitemapStream(bytes, name) : bytes;
    }

    /// <summary>A stream whose first bytes can be looked at before they are read.</summary>
    private sealed class PeekStream(Stream rest) : ReadOnlyStream
    {
        private readonly byte[] _start = new byte[StartLength];
        private int _from;
        private int _to;

        /// <summary>The first bytes; fewer when there are no more. Before anything is read.</summary>
        public ReadOnlySpan<byte> Peek(int count)
        {
            while (_to < count && rest.Read(_start.AsSpan(_to, count - _to)) is var read and > 0)
            {
                _to += read;
            }

            return _start.AsSpan(0, _to);
        }

        public override int Read(Span<byte> buffer)
        {
            if (_from == _to)
            {
                return rest.Read(buffer);
            }

            var length = Math.Min(buffer.Length, _to - _from);
            _start.AsSpan(_from, length).CopyTo(buffer);
            _from += length;
            return length;
        }
    }
}
