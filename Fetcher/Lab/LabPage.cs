using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Fetcher.Lab;

/// <summary>
/// What a host is like, from its name alone: a page of 0.5 to 3 MiB, 20 to 120 ms until its first byte, and a path on which it
/// takes 0.2 to 0.6 s.
/// </summary>
/// <param name="Host">The name in lower case, without a port.</param>
/// <param name="Size">Size of the page in bytes.</param>
/// <param name="Delay">Time from the request to the first byte.</param>
/// <param name="Duration">Time the page takes on the host's path.</param>
/// <param name="Variant">Tells the page's text from that of other hosts.</param>
internal sealed record LabPage(string Host, long Size, TimeSpan Delay, TimeSpan Duration, ulong Variant)
{
    /// <summary>Rate of the host's path in bytes a second.</summary>
    public long Rate => (long)(Size / Duration.TotalSeconds);

    /// <summary>The page of <paramref name="host"/>.</summary>
    public static LabPage For(string host)
    {
        host = host.ToLowerInvariant();
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(host), hash);
        return new LabPage(
            host,
            (512 << 10) + Pick(hash, 2560 << 10),
            TimeSpan.FromMilliseconds(20 + Pick(hash[8..], 100)),
            TimeSpan.FromMilliseconds(200 + Pick(hash[16..], 400)),
            BinaryPrimitives.ReadUInt64LittleEndian(hash[24..]));
    }

    /// <summary>The page's bytes, cut or drawn out to <paramref name="length"/>.</summary>
    public LabContent Content(long length) => LabContent.Page(Host, length, Variant);

    private static long Pick(ReadOnlySpan<byte> hash, uint most) => (long)(BinaryPrimitives.ReadUInt64LittleEndian(hash) % (most + 1));
}
