using System.IO.Compression;
using System.Text;

namespace Fetcher.Queue;

/// <summary>The URLs of a batch, one behind the other, compressed together: what jobs of format 1 have, those of fetcher 0.2.0.</summary>
/// <remarks>
/// A record is the index and the line, each as the difference from the record before, the origin (empty for the same as before), what is wrong with the line
/// (empty for nothing), whether the text is a JSON object, and the text. Numbers are 7 bits a byte, the lowest first; texts have their length before them.
/// </remarks>
internal static class UrlRecords
{
    /// <summary>Format of a job that has them.</summary>
    public const int Format = 1;

    public static ReadOnlyMemory<byte> Pack(IReadOnlyList<QueuedUrl> urls)
    {
        var output = new MemoryStream();
        using (var deflate = new DeflateStream(output, CompressionLevel.Optimal, leaveOpen: true))
        using (var writer = new BinaryWriter(deflate, Encoding.UTF8))
        {
            var (index, line, origin) = (urls[0].Index, 0L, "");
            foreach (var url in urls)
            {
                writer.Write7BitEncodedInt64(url.Index - index);
                writer.Write7BitEncodedInt64(url.Line - line);
                writer.Write(url.Origin == origin ? "" : url.Origin);
                writer.Write(url.Problem ?? "");
                writer.Write(url.IsJson);
                writer.Write7BitEncodedInt(url.Text.Length);
                writer.Write(url.Text.Span);
                (index, line, origin) = (url.Index, url.Line, url.Origin);
            }
        }

        return output.GetBuffer().AsMemory(0, (int)output.Length);
    }

    /// <inheritdoc cref="BatchFormat.Read"/>
    public static List<QueuedUrl> Read(long id, ReadOnlyMemory<byte> packed)
    {
        var bytes = new MemoryStream(BatchFormat.Decompress(packed));
        using var reader = new BinaryReader(bytes, Encoding.UTF8);
        var urls = new List<QueuedUrl>(BatchFormat.MostUrls);
        var (index, line, origin) = (id, 0L, "");
        while (bytes.Position < bytes.Length)
        {
            index += reader.Read7BitEncodedInt64();
            line += reader.Read7BitEncodedInt64();
            origin = reader.ReadString() is { Length: > 0 } other ? other : origin;
            var problem = reader.ReadString();
            var isJson = reader.ReadBoolean();
            var text = reader.ReadBytes(reader.Read7BitEncodedInt());
            urls.Add(new QueuedUrl(index, line, origin, problem.Length == 0 ? null : problem, isJson, text));
        }

        return urls;
    }
}
