using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace Fetcher.Tests.Saving;

/// <summary>A record of an archive.</summary>
internal sealed record WarcRecord(IReadOnlyDictionary<string, string> Fields, byte[] Block)
{
    public string Type => Fields["WARC-Type"];

    public string Text => Encoding.Latin1.GetString(Block);

    public string? this[string name] => Fields.GetValueOrDefault(name);
}

/// <summary>
/// Reads an archive as strictly as the standard lets it: every byte belongs to a record, every field is once there, ids differ, and all
/// digests are right.
/// </summary>
internal static class WarcReader
{
    private static readonly string[] Mandatory = ["WARC-Type", "WARC-Record-ID", "WARC-Date", "Content-Length"];

    public static IReadOnlyList<WarcRecord> Read(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var records = new List<WarcRecord>();
        if (path.EndsWith(".gz", StringComparison.Ordinal))
        {
            foreach (var member in Members(bytes))
            {
                var rest = (ReadOnlySpan<byte>)member;
                records.Add(ReadRecord(ref rest));
                rest.Length.ShouldBe(0, "a member is a record");
            }
        }
        else
        {
            for (var rest = (ReadOnlySpan<byte>)bytes; !rest.IsEmpty;)
            {
                records.Add(ReadRecord(ref rest));
            }
        }

        records.Select(record => record["WARC-Record-ID"]).ShouldBeUnique();
        records[0].Type.ShouldBe("warcinfo");
        records.Skip(1).ShouldAllBe(record => record["WARC-Warcinfo-ID"] == records[0]["WARC-Record-ID"]);
        return records;
    }

    /// <summary>The gzip members of a file, each decompressed by itself: a decoder that is fed a byte at a time shows where one ends.</summary>
    private static IEnumerable<byte[]> Members(byte[] bytes)
    {
        var starts = new List<int>();
        for (var i = 0; i + 9 < bytes.Length; i++)
        {
            if (bytes[i] == 0x1f && bytes[i + 1] == 0x8b && bytes[i + 2] == 8)
            {
                starts.Add(i);
            }
        }

        // A magic number may stand within compressed data by chance; then the pieces do not decompress, and are joined.
        for (var (first, last) = (0, 1); first < starts.Count; last++)
        {
            var end = last < starts.Count ? starts[last] : bytes.Length;
            if (TryDecompress(bytes[starts[first]..end]) is { } member)
            {
                yield return member;
                first = last;
            }
            else
            {
                last.ShouldBeLessThan(starts.Count, "the file ends within a member");
            }
        }
    }

    private static byte[]? TryDecompress(byte[] member)
    {
        try
        {
            using var gzip = new GZipStream(new MemoryStream(member), CompressionMode.Decompress);
            using var plain = new MemoryStream();
            gzip.CopyTo(plain);
            return plain.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static WarcRecord ReadRecord(ref ReadOnlySpan<byte> rest)
    {
        var end = rest.IndexOf("\r\n\r\n"u8);
        var lines = Encoding.UTF8.GetString(rest[..end]).Split("\r\n");
        lines[0].ShouldBe("WARC/1.1");
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var line in lines.Skip(1))
        {
            var parts = line.Split(": ", 2);
            fields.Add(parts[0], parts[1]);
        }

        Mandatory.ShouldAllBe(name => fields.ContainsKey(name));
        fields["WARC-Record-ID"].ShouldMatch("^<urn:uuid:[0-9a-f-]{36}>$");
        DateTimeOffset.ParseExact(fields["WARC-Date"], "yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
        var length = int.Parse(fields["Content-Length"], CultureInfo.InvariantCulture);
        var block = rest.Slice(end + 4, length).ToArray();
        rest = rest[(end + 4 + length)..];
        rest.StartsWith("\r\n\r\n"u8).ShouldBeTrue("two line ends follow a block");
        rest = rest[4..];
        fields["WARC-Block-Digest"].ShouldBe(Digest(block));
        if (fields.TryGetValue("WARC-Payload-Digest", out var payload))
        {
            payload.ShouldBe(Digest(Payload(block)));
        }

        return new WarcRecord(fields, block);
    }

    /// <summary>The body of a response without its transfer coding, as far as it came.</summary>
    private static byte[] Payload(ReadOnlySpan<byte> block)
    {
        var end = block.IndexOf("\r\n\r\n"u8) + 4;
        var body = block[end..];
        if (!Encoding.Latin1.GetString(block[..end]).Contains("\r\nTransfer-Encoding: chunked\r\n", StringComparison.OrdinalIgnoreCase))
        {
            return body.ToArray();
        }

        var payload = new MemoryStream();
        while (body.IndexOf("\r\n"u8) is >= 0 and var line)
        {
            var size = Convert.ToInt32(Encoding.Latin1.GetString(body[..line]).Split(';')[0].Trim(), 16);
            body = body[(line + 2)..];
            var here = Math.Min(size, body.Length);
            payload.Write(body[..here]);
            if (size == 0 || body.Length < size + 2)
            {
                break;
            }

            body = body[(size + 2)..];
        }

        return payload.ToArray();
    }

    private static string Digest(ReadOnlySpan<byte> bytes)
    {
#pragma warning disable CA5350 // The digest of the format.
        var number = new System.Numerics.BigInteger(SHA1.HashData(bytes), isUnsigned: true, isBigEndian: true);
#pragma warning restore CA5350
        var text = new StringBuilder();
        for (var i = 0; i < 32; i++, number >>= 5)
        {
            text.Insert(0, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(int)(number & 31)]);
        }

        return $"sha1:{text}";
    }
}
