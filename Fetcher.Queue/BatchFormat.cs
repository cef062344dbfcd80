using System.Buffers;
using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Queue;

/// <summary>
/// How batches lie in the store: URLs as records, results as lines of JSON, both compressed with DEFLATE (RFC 1951). Part of <see cref="JobFacts.NewestFormat"/>.
/// </summary>
/// <remarks>
/// A record is the index and the line, each as the difference from the record before, the origin (empty for the same as before), what is wrong with the line
/// (empty for nothing), whether the text is a JSON object, and the text. Numbers are 7 bits a byte, the lowest first; texts have their length before them.
/// </remarks>
internal static class BatchFormat
{
    /// <summary>URLs in a batch at most.</summary>
    public const int MostUrls = 128;

    /// <summary>Bytes of URLs in a batch at most, but for one that is longer.</summary>
    public const int MostBytes = 64 * 1024;

    private const int CopyBuffer = 16 * 1024;

    /// <summary>Fields whose value goes into no queue.</summary>
    private static readonly string[] SecretHeaders = ["Authorization", "Proxy-Authorization", "Cookie"];

    /// <summary>Compresses bytes.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="level">How well: a list is packed once and lies in the engine, results come and go, and workers have other things to do.</param>
    public static ReadOnlyMemory<byte> Compress(ReadOnlySpan<byte> bytes, CompressionLevel level = CompressionLevel.Fastest)
    {
        var output = new MemoryStream(bytes.Length / 3);
        using (var deflate = new DeflateStream(output, level, leaveOpen: true))
        {
            deflate.Write(bytes);
        }

        return output.GetBuffer().AsMemory(0, (int)output.Length);
    }

    /// <exception cref="InvalidDataException">These are no compressed bytes.</exception>
    public static byte[] Decompress(ReadOnlyMemory<byte> packed)
    {
        using var deflate = new DeflateStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
        var output = new MemoryStream(packed.Length * 4);
        deflate.CopyTo(output, CopyBuffer);
        return output.ToArray();
    }

    /// <summary>Reads the URLs of a batch.</summary>
    /// <param name="id">Index of the first.</param>
    /// <param name="packed">The batch.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static List<QueuedUrl> Read(long id, ReadOnlyMemory<byte> packed)
    {
        var bytes = new MemoryStream(Decompress(packed));
        using var reader = new BinaryReader(bytes, Encoding.UTF8);
        var urls = new List<QueuedUrl>(MostUrls);
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

    /// <summary>Collects the URLs of one batch.</summary>
    public sealed class Writer
    {
        private readonly LineBuffer _bytes = new();
        private long _first, _last, _line;
        private string _origin = "";

        public int Count { get; private set; }

        public bool IsFull => Count == MostUrls || _bytes.Length >= MostBytes;

        public void Add(UrlItem item)
        {
            if (Count++ == 0)
            {
                (_first, _last) = (item.Index, item.Index);
            }

            Number(item.Index - _last);
            Number(item.Line - _line);
            Text(Encoding.UTF8.GetBytes(item.Origin == _origin ? "" : item.Origin));
            (_last, _line, _origin) = (item.Index, item.Line, item.Origin);
            var problem = item.Problem ?? WhyNot(item);
            Text(Encoding.UTF8.GetBytes(problem ?? ""));
            Number(item.Options is null ? 0 : 1);
            Text(item.Options is null ? JournalText(item) : Json(item.Options, JournalText(item)));
        }

        /// <summary>Ends the batch and begins another.</summary>
        public UrlBatch Take()
        {
            var batch = new UrlBatch(_first, _last, Count, Compress(_bytes.Written, CompressionLevel.Optimal));
            _bytes.Length = 0;
            (Count, _line, _origin) = (0, 0, "");
            return batch;
        }

        private void Number(long value)
        {
            const int Bits = 7;
            var rest = (ulong)value;
            for (; rest >= 1 << Bits; rest >>= Bits)
            {
                _bytes.Write([(byte)(rest | (1 << Bits))]);
            }

            _bytes.Write([(byte)rest]);
        }

        private void Text(ReadOnlySpan<byte> text)
        {
            Number(text.Length);
            _bytes.Write(text);
        }

        /// <summary>A user and password are nobody's business but the machine's that has them.</summary>
        private static ReadOnlySpan<byte> JournalText(UrlItem item) => Core.Work.Journals.JournalLine.WithoutUserInfo(item.Text.Span);

        private static string? WhyNot(UrlItem item)
        {
            if (JournalText(item).Length < item.Text.Length)
            {
                return "the URL has a user or password in it, and no secret goes into a queue; give the workers --user";
            }

            var secret = item.Options?.Headers.FirstOrDefault(header => SecretHeaders.Contains(header.Name, StringComparer.OrdinalIgnoreCase)).Name;
            return secret is null ? null : $"the header {secret} of the line is a secret, and none goes into a queue; give the workers --header";
        }

        private static byte[] Json(UrlOptions options, ReadOnlySpan<byte> url)
        {
            var bytes = new MemoryStream();
            using (var json = new Utf8JsonWriter(bytes))
            {
                json.WriteStartObject();
                json.WriteString("url"u8, Encoding.UTF8.GetString(url));
                json.WriteStartObject("headers"u8);
                foreach (var header in options.Headers.Where(header => !SecretHeaders.Contains(header.Name, StringComparer.OrdinalIgnoreCase)))
                {
                    json.WriteString(header.Name, header.Value);
                }

                foreach (var name in options.RemovedHeaders)
                {
                    json.WriteNull(name);
                }

                json.WriteEndObject();
                json.WriteString("method"u8, FetchMethods.NameOf(options.Method));
                if (options.SaveAs is { } path)
                {
                    json.WriteString("save_as"u8, path);
                }

                if (options.Sha256 is { } hash)
                {
                    json.WriteString("sha256"u8, hash);
                }

                if (options.Id is { IsNumber: true } number)
                {
                    json.WritePropertyName("id"u8);
                    json.WriteRawValue(number.Text);
                }
                else if (options.Id is { } id)
                {
                    json.WriteString("id"u8, id.Text);
                }

                json.WriteEndObject();
            }

            return bytes.ToArray();
        }
    }
}

/// <summary>A URL as it lies in a batch.</summary>
internal sealed record QueuedUrl(long Index, long Line, string Origin, string? Problem, bool IsJson, byte[] Text)
{
    /// <summary>Fills an item, as the source of the list did on the machine that has it.</summary>
    public void CopyTo(UrlItem item, CancellationToken giveUp)
    {
        item.Text.Set(Text);
        (item.Index, item.Line, item.Origin, item.Problem, item.Options, item.GiveUp) = (Index, Line, Origin, null, null, giveUp);
        if (IsJson)
        {
            JsonUrlLine.Read(item);
        }

        item.Problem = Problem ?? item.Problem;
    }
}
