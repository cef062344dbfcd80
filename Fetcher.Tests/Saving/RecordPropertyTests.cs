using System.Buffers;
using System.Text;
using System.Text.Json;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Saving.Warc;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Tests.Saving;

/// <summary>What is written about a URL, in the journal and in the archive, is read again as it was, whatever servers say.</summary>
public sealed class RecordPropertyTests : IDisposable
{
    private static readonly Gen<byte[]> Bytes = Gen.OneOf(
        Gen.Byte.Array[0, 60],
        Gen.OneOf("\r\n\r\n", "\r\n", "WARC/1.1", "Content-Length: 5", "\0", "\u001f\u008b\b", "\"", "\\", "{", "}", "\u00e9", "http://a/")
            .Array[0, 12].Select(pieces => Encoding.Latin1.GetBytes(string.Concat(pieces))));

    // It ends where the first empty line is.
    private static readonly Gen<byte[]> Head = Bytes
        .Select(bytes => (byte[])[.. bytes, .. "\r\n\r\n"u8])
        .Where(head => head.AsSpan().IndexOf("\r\n\r\n"u8) == head.Length - 4);

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_line_of_the_journal_is_read_as_it_was_written() =>
        Gen.Select(Bytes, Bytes, Bytes, Gen.Long[0, long.MaxValue], Gen.Bool).Sample((finalUrl, etag, contentType, number, ok) =>
        {
            var written = new FetchResult
            {
                Index = number,
                Status = 200,
                SizeBody = number,
                SavedAs = "a\nb",
                ContentType = Encoding.Latin1.GetString(contentType),
            };
            written.Url.Set("http://user:secret@a/"u8);
            written.FinalUrl.Set(finalUrl);
            written.ETag.Set(etag);
            if (!ok)
            {
                written.Error = new FetchError(FetchErrorKind.Connect, "broken", 7);
            }

            var line = Write(written);
            line[..^1].ShouldNotContain((byte)'\n');
            var read = new FetchResult();
            JournalLine.TryRead(line.AsSpan(0, line.Length - 1), read).ShouldBe(ok);
            (read.Index, read.Status, read.SizeBody).ShouldBe((number, 200, number));
            (read.SavedAs, read.ContentType).ShouldBe(("a\nb", written.ContentType));
            (read.Url.ToString(), read.FinalUrl.ToString(), read.ETag.ToString()).ShouldBe(
                ("http://a/", Encoding.UTF8.GetString(finalUrl), Encoding.UTF8.GetString(etag)));
        }, iter: 1000);

    [Fact]
    public void What_happened_to_a_line_of_the_journal_is_no_crash()
    {
        var written = new FetchResult { Index = 7, Status = 200 };
        written.Url.Set("http://a/"u8);
        var line = Write(written);
        Gen.Select(Bytes, Gen.Int[0, line.Length], Gen.Int[0, line.Length]).Sample((bytes, from, to) =>
        {
            byte[] changed = [.. line.AsSpan(0, from), .. bytes, .. line.AsSpan(to)];
            var read = new FetchResult();
            var fetched = JournalLine.TryRead(changed, read);
            (fetched is null || read.Index >= 0).ShouldBeTrue();
        }, iter: 3000);
    }

    [Fact]
    public void An_exchange_is_in_the_archive_as_it_was() =>
        Gen.Select(Gen.Select(Bytes, Head, Bytes).Array[0, 8], Gen.Bool).Sample((exchanges, compress) =>
        {
            var path = _folder[compress ? "a.warc.gz" : "a.warc"];
            using (var file = File.Create(path))
            {
                using var records = new WarcRecords(file, compress);
                records.WriteInfo("a", DateTimeOffset.UnixEpoch);
                foreach (var (request, head, body) in exchanges)
                {
                    using var exchange = new WarcExchange("http://a/", DateTimeOffset.UnixEpoch, request) { Head = head };
                    exchange.Append(body);
                    records.Write(exchange);
                }
            }

            WarcReader.Read(path).Skip(1).Select(record => Convert.ToHexString(record.Block)).ShouldBe(
                exchanges.SelectMany(exchange => new[] { Convert.ToHexString(exchange.Item1), Convert.ToHexString([.. exchange.Item2, .. exchange.Item3]) }));
        }, iter: 200, threads: 1);

    private static byte[] Write(FetchResult result)
    {
        var output = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(output);
        JournalLine.Write(json, output, result);
        return output.WrittenSpan.ToArray();
    }
}
