using System.Net;
using System.Text;

namespace Fetcher.Lab;

/// <summary>
/// A body of any length that takes no memory of its own: a start, a shared block of bytes over and over, an end.
/// The same arguments give the same bytes.
/// </summary>
internal sealed class LabContent
{
    private static readonly ReadOnlyMemory<byte> Noise = MakeNoise();
    private static readonly ReadOnlyMemory<byte> Stars = "*"u8.ToArray();
    private static readonly Lazy<ReadOnlyMemory<byte>> Prose = new(MakeProse);

    private readonly ReadOnlyMemory<byte> _start;
    private readonly ReadOnlyMemory<byte> _block;
    private readonly int _phase;
    private readonly ReadOnlyMemory<byte> _end;

    private LabContent(ReadOnlyMemory<byte> start, ReadOnlyMemory<byte> block, int phase, ReadOnlyMemory<byte> end, long length)
    {
        _start = start;
        _block = block;
        _phase = phase;
        _end = length < start.Length + end.Length ? default : end;
        Length = length;
    }

    /// <summary>Length in bytes.</summary>
    public long Length { get; }

    /// <summary>Bytes that look random and compress badly.</summary>
    public static LabContent Random(long length, long seed) =>
        new(default, Noise, (int)((ulong)seed * 0x9E3779B97F4A7C15 % (ulong)Noise.Length), default, length);

    /// <summary>Nothing but asterisks.</summary>
    public static LabContent Asterisks(long length) => new(default, Stars, 0, default, length);

    /// <summary>An HTML page that names <paramref name="host"/>. <paramref name="variant"/> moves the text, so that hosts differ.</summary>
    public static LabContent Page(string host, long length, ulong variant)
    {
        var title = WebUtility.HtmlEncode(host);
        var head = $"<head><meta charset=\"utf-8\"><title>{title}</title></head>";
        var start = Encoding.UTF8.GetBytes($"<!DOCTYPE html>\n<html lang=\"en\">\n{head}\n<body>\n<h1>{title}</h1>\n");
        var phase = (int)(variant % (ulong)Prose.Value.Length);
        return new(start, Prose.Value, phase, "\n</body>\n</html>\n"u8.ToArray(), length);
    }

    /// <summary>The longest stretch of bytes from <paramref name="offset"/> on, up to <paramref name="limit"/>.</summary>
    public ReadOnlyMemory<byte> At(long offset, long limit)
    {
        var endAt = Length - _end.Length;
        ReadOnlyMemory<byte> piece;
        if (offset < _start.Length)
        {
            piece = _start[(int)offset..];
            limit = Math.Min(limit, Length - offset);
        }
        else if (offset < endAt)
        {
            piece = _block[(int)((offset - _start.Length + _phase) % _block.Length)..];
            limit = Math.Min(limit, endAt - offset);
        }
        else
        {
            piece = _end[(int)(offset - endAt)..];
        }

        return piece.Length > limit ? piece[..(int)limit] : piece;
    }

    /// <summary>Copies the bytes from <paramref name="offset"/> on, as many as fit.</summary>
    public void CopyTo(long offset, Span<byte> destination)
    {
        while (destination.Length > 0)
        {
            var piece = At(offset, destination.Length).Span;
            piece.CopyTo(destination);
            destination = destination[piece.Length..];
            offset += piece.Length;
        }
    }

    // The length is prime: a client that puts a buffer's worth of bytes in the wrong place cannot go unnoticed.
    private static byte[] MakeNoise()
    {
        var noise = new byte[65_521];
        var state = 1UL;
        foreach (ref var b in noise.AsSpan())
        {
            b = (byte)(Next(ref state) >> 56);
        }

        return noise;
    }

    private static ReadOnlyMemory<byte> MakeProse()
    {
        string[] words =
        [
            "request", "answer", "socket", "window", "packet", "the", "a", "slow", "ready", "queue", "reads", "waits", "while",
            "kernel", "and", "buffer", "when", "path", "of", "server", "client", "holds", "drains", "before", "after", "every",
            "byte", "loop", "other", "stream",
        ];
        var text = new StringBuilder();
        var state = 2UL;
        for (var section = 1; text.Length < 100_000; section++)
        {
            text.Append("<h2 id=\"s").Append(section).Append("\">").Append(Word()).Append(' ').Append(Word()).Append("</h2>\n<p>");
            for (var i = 0; i < 60; i++)
            {
                text.Append(Word()).Append(i % 12 == 11 ? ".\n" : " ");
            }

            text.Append("<a href=\"#s").Append(section).Append("\">").Append(Word()).Append("</a></p>\n");
        }

        return Encoding.UTF8.GetBytes(text.ToString());

        string Word() => words[(int)((Next(ref state) >> 33) % (ulong)words.Length)];
    }

    private static ulong Next(ref ulong state) => state = (state * 6364136223846793005) + 1442695040888963407;
}
