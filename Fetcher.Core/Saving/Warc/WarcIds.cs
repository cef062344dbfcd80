using System.Globalization;
using System.Security.Cryptography;

namespace Fetcher.Core.Saving.Warc;

/// <summary>Names of records: random UUIDs (RFC 9562, version 4), of random bytes that are asked for many at a time. For one thread.</summary>
internal sealed class WarcIds
{
    private const int Size = 16;

    private readonly byte[] _random = new byte[256 * Size];
    private int _used = 256 * Size;

    /// <summary>A new record's name.</summary>
    public string Next()
    {
        if (_used == _random.Length)
        {
            RandomNumberGenerator.Fill(_random);
            _used = 0;
        }

        var bytes = _random.AsSpan(_used, Size);
        _used += Size;
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return string.Create(CultureInfo.InvariantCulture, $"<urn:uuid:{new Guid(bytes, bigEndian: true)}>");
    }
}
