using System.IO.Compression;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using Fetcher.Core;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Queue;

/// <summary>
/// How the URLs of a batch lie in the store: as <see cref="UrlColumns"/>, in jobs of format 1 as <see cref="UrlRecords"/>, both compressed with DEFLATE
/// (RFC 1951). What became of them is a <see cref="ResultPack"/>. Both are part of <see cref="JobFacts.NewestFormat"/>.
/// </summary>
internal static class BatchFormat
{
    /// <summary>URLs in a batch at most.</summary>
    public const int MostUrls = 128;

    /// <summary>Bytes of URLs in a batch at most, but for one that is longer.</summary>
    public const int MostBytes = 64 * 1024;

    /// <summary>Fields whose value goes into no queue.</summary>
    private static readonly string[] SecretHeaders = ["Authorization", "Proxy-Authorization", "Cookie"];

    /// <exception cref="InvalidDataException">These are no compressed bytes.</exception>
    public static byte[] Decompress(ReadOnlyMemory<byte> packed)
    {
        var input = MemoryMarshal.TryGetArray(packed, out var array) ? array : packed.ToArray();
        using var deflate = new DeflateStream(new MemoryStream(input.Array!, input.Offset, input.Count), CompressionMode.Decompress);
        var (bytes, length) = (new byte[Math.Max(64, packed.Length * 4)], 0);
        while (deflate.Read(bytes, length, bytes.Length - length) is > 0 and var count)
        {
            length += count;
            if (length == bytes.Length)
            {
                Array.Resize(ref bytes, 2 * length);
            }
        }

        Array.Resize(ref bytes, length);
        return bytes;
    }

    /// <summary>Reads the URLs of a batch.</summary>
    /// <param name="id">Index of the first.</param>
    /// <param name="packed">The batch.</param>
    /// <exception cref="InvalidDataException">It is none.</exception>
    public static List<QueuedUrl> Read(long id, ReadOnlyMemory<byte> packed) =>
        UrlColumns.Are(packed.Span) ? UrlColumns.Read(id, packed) : UrlRecords.Read(id, packed);

    /// <summary>Collects the URLs of one batch.</summary>
    /// <param name="format">Format of the job that it is for.</param>
    public sealed class Writer(int format = JobFacts.NewestFormat)
    {
        private readonly List<QueuedUrl> _urls = [];
        private int _bytes;

        public int Count => _urls.Count;

        public bool IsFull => Count == MostUrls || _bytes >= MostBytes;

        public void Add(UrlItem item)
        {
            var text = item.Options is null ? JournalText(item).ToArray() : Json(item.Options, JournalText(item));
            _urls.Add(new QueuedUrl(item.Index, item.Line, item.Origin, item.Problem ?? WhyNot(item), item.Options is not null, text));
            _bytes += text.Length;
        }

        /// <summary>Ends the batch and begins another.</summary>
        public UrlBatch Take() => Take(Count, Pack(Count));

        /// <summary>As <see cref="Take()"/>, but leaves the last few to the next when that is cheaper for the engine.</summary>
        public UrlBatch TakeFitting()
        {
            var packed = Pack(Count);
            var count = EngineRoom.BestCount(Count, packed.Length, out var most);
            if (count == Count)
            {
                return Take(Count, packed);
            }

            // What all batches have makes the last few of them a little longer than their share.
            for (packed = Pack(count); packed.Length > most && count > 1; packed = Pack(--count))
            {
            }

            return Take(count, packed);
        }

        private ReadOnlyMemory<byte> Pack(int count)
        {
            var urls = _urls[..count];
            return format == UrlRecords.Format ? UrlRecords.Pack(urls) : UrlColumns.Pack(urls, format);
        }

        private UrlBatch Take(int count, ReadOnlyMemory<byte> packed)
        {
            var batch = new UrlBatch(_urls[0].Index, _urls[count - 1].Index, count, packed);
            _urls.RemoveRange(0, count);
            _bytes = _urls.Sum(url => url.Text.Length);
            return batch;
        }

        /// <summary>A user and password are nobody's business but the machine's that has them.</summary>
        private static ReadOnlySpan<byte> JournalText(UrlItem item) => JournalLine.WithoutUserInfo(item.Text.Span);

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
