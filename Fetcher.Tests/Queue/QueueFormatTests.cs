using System.IO.Compression;
using System.Text;
using CsCheck;
using Fetcher.Core;
using Fetcher.Queue;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Queue;

/// <summary>What goes over the wire between machines, and must be the same on all of them.</summary>
public sealed class QueueFormatTests
{
    [Theory]
    [InlineData("http://a/", 64, 32)]
    [InlineData("http://A:8080/x?y", 64, 32)]
    [InlineData("https://user@a/", 64, 32)]
    [InlineData("http://example.com/", 64, 35)]
    [InlineData("http://www.example.com/", 64, 43)]
    [InlineData("http://127.0.0.1:9/", 64, 62)]
    [InlineData("http://[::1]/", 64, 11)]
    [InlineData("http://bücher.example/", 64, 33)]
    [InlineData("http://xn--bcher-kva.example/", 64, 33)]
    [InlineData("no url", 64, 28)]
    [InlineData("http://example.com/", 1, 0)]
    [InlineData("http://example.com/", 7, 3)]
    public void A_host_has_its_partition_on_every_machine(string url, int partitions, int expected) =>
        new HostPartition(partitions, byUrl: false).Of(Encoding.UTF8.GetBytes(url)).ShouldBe(expected);

    [Theory]
    [InlineData("http://example.com/", 64, 17)]
    [InlineData("http://example.com/a", 64, 24)]
    [InlineData("HTTP://example.com:80/a#b", 64, 24)]
    public void A_URL_has_its_partition_on_every_machine_where_hosts_do_not_count(string url, int partitions, int expected) =>
        new HostPartition(partitions, byUrl: true).Of(Encoding.UTF8.GetBytes(url)).ShouldBe(expected);

    [Fact]
    public void Hosts_are_spread_over_the_partitions()
    {
        var partition = new HostPartition(HostPartition.Usual, byUrl: false);
        var counts = Enumerable.Range(0, 6400).CountBy(i => partition.Of(Encoding.UTF8.GetBytes($"http://host{i}.example/"))).ToArray();

        counts.Length.ShouldBe(HostPartition.Usual);
        counts.ShouldAllBe(count => count.Value > 50 && count.Value < 200);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void URLs_come_out_of_a_batch_as_the_list_gave_them(int format)
    {
        var writer = new BatchFormat.Writer(format);
        var item = new UrlItem { Index = 7, Line = 3, Origin = "a.txt" };
        item.Text.Set("http://a/ä");
        writer.Add(item);
        (item.Index, item.Line, item.Origin, item.Problem) = (1L << 40, 0, "argument", "no URL");
        item.Text.Set([0xFF, (byte)'x']);
        writer.Add(item);
        (item.Index, item.Line, item.Problem) = ((1L << 40) + 1, 2, null);
        item.Options = new UrlOptions { Method = FetchMethod.Head, Headers = [new("A", "b \"c\"")], RemovedHeaders = ["User-Agent"], Id = new UrlId("1.50", true) };
        item.Text.Set("http://b/");
        writer.Add(item);

        var batch = writer.Take();
        (batch.First, batch.Last, batch.Count, writer.Count).ShouldBe((7, (1L << 40) + 1, 3, 0));
        var read = BatchFormat.Read(batch.First, batch.Packed).Select(url =>
        {
            var copy = new UrlItem();
            url.CopyTo(copy, default);
            return copy;
        }).ToArray();

        read.Select(i => (i.Index, i.Line, i.Origin, i.Problem)).ShouldBe([(7, 3, "a.txt", null), (1L << 40, 0, "argument", "no URL"), ((1L << 40) + 1, 2, "argument", null)]);
        read[0].Text.ToString().ShouldBe("http://a/ä");
        read[1].Text.Span.ToArray().ShouldBe([0xFF, (byte)'x']);
        read[2].Text.ToString().ShouldBe("http://b/");
        (read[2].Options!.Method, read[2].Options!.Id).ShouldBe((FetchMethod.Head, new UrlId("1.50", true)));
        read[2].Options!.Headers.ShouldBe(item.Options.Headers);
        read[2].Options!.RemovedHeaders.ShouldBe(["User-Agent"]);
    }

    [Theory]
    [InlineData(1, "6360664dd42ba9286160e0ce282929b0d2d74fd43fbc849589812d2f5f2134c88781e97f0523230303a370b55269518e929512545992be522d568964a00400")]
    [InlineData(2, "0662616065646463656060646261616060e00762666e266146d644bd928a12b6bc7c85d0201f00000000ffffcb282929b0d2d74fd43fbce47f45b55269518e9295125430495fa9361900")]
    [InlineData(3, "0762616065646463656060646261616060e00762464e06414620cdc400229898185813f54a2a4ad8f2f21542837c00000000ffffcb282929b0d2d74fd4af562a2dca51b252820a24e9271f5ef2bf42a91600")]
    public void Machines_of_another_version_read_the_same_batch(int format, string packed)
    {
        QueuedUrl[] urls =
        [
            new(7, 3, "a.txt", null, false, "http://a/ä"u8.ToArray()),
            new(12, 5, "a.txt", "no URL", false, new byte[] { 0xFF, (byte)'x' }),
            new(13, 6, "a.txt", null, true, "{\"url\":\"http://b/\"}"u8.ToArray()),
            new(14, 7, "a.txt", null, true, "{\"url\":\"http://c/\"}"u8.ToArray()),
        ];

        Described(BatchFormat.Read(7, Convert.FromHexString(packed))).ShouldBe(Described(urls));
        Described(BatchFormat.Read(7, format == 1 ? UrlRecords.Pack(urls) : UrlColumns.Pack(urls, format))).ShouldBe(Described(urls));
    }

    [Fact]
    public void Any_URLs_come_out_of_their_columns() => Gen.Select(
            Gen.Long[0, long.MaxValue / 1000], Gen.Long[0, 1 << 20], Gen.String[Gen.Char["abc"], 0, 2], Gen.String[Gen.Char["ab "], 0, 2], Gen.Bool,
            Gen.Char["ab/"].Select(letter => (byte)letter).Array[0, 9], (gap, line, origin, problem, isJson, text) => new QueuedUrl(gap, line, origin, problem.Length == 0 ? null : problem, isJson, text))
        .Array[1, BatchFormat.MostUrls]
        .Sample(urls =>
        {
            var index = 0L;
            urls = [.. urls.Select(url => url with { Index = index += url.Index, Origin = url.Origin.Length == 0 ? "a" : url.Origin })];
            Described(BatchFormat.Read(urls[0].Index, UrlColumns.Pack(urls))).ShouldBe(Described(urls));
            Described(BatchFormat.Read(urls[0].Index, UrlColumns.Pack(urls, UrlColumns.OldFormat))).ShouldBe(Described(urls));
        });

    [Theory]
    [InlineData(2, 6)]
    [InlineData(3, 7)]
    public void A_batch_that_is_cut_short_is_none(int format, byte mark)
    {
        QueuedUrl[] urls = [.. Enumerable.Range(0, 20).Select(i => new QueuedUrl(i, i + 1, "a.txt", null, false, Encoding.UTF8.GetBytes($"http://host{i}/{i * i}")))];
        var bytes = BatchFormat.Decompress(UrlColumns.Pack(urls, format)[1..]);

        for (var length = 0; length < bytes.Length; length++)
        {
            byte[] cut = [mark, .. Deflated(bytes.AsSpan(0, length))];
            Should.Throw<InvalidDataException>(() => BatchFormat.Read(0, cut));
        }
    }

    [Fact]
    public void A_batch_ends_where_the_engine_needs_least_for_each_URL()
    {
        var (writer, chance, taken, index) = (new BatchFormat.Writer(), new Random(1), new List<UrlBatch>(), 0L);
        for (var item = new UrlItem(); index < 2000; index++)
        {
            var word = string.Concat(Enumerable.Range(0, 43).Select(_ => (char)('0' + chance.Next(64))));
            item.Index = index;
            item.Text.Set(Encoding.UTF8.GetBytes($"http://host{chance.Next(300)}.example/{word}"));
            writer.Add(item);
            if (writer.IsFull)
            {
                taken.Add(writer.TakeFitting());
            }
        }

        // One of 128 would have some 4,750 bytes, and take 5,120 of the engine's.
        taken.ShouldAllBe(batch => batch.Packed.Length > 3900 && batch.Packed.Length <= 4096 - 48);
        taken.Add(writer.Take());
        taken.SelectMany(batch => BatchFormat.Read(batch.First, batch.Packed)).Select(url => url.Index).ShouldBe(Enumerable.Range(0, 2000).Select(i => (long)i));
        taken.ShouldAllBe(batch => BatchFormat.Read(batch.First, batch.Packed).Count == batch.Count);
    }

    [Theory]
    [InlineData(128, 4040, 128)]
    [InlineData(128, 4060, 127)]
    [InlineData(128, 4760, 108)]
    [InlineData(128, 5060, 128)]
    [InlineData(128, 1990, 128)]
    [InlineData(3, 21_000, 3)]
    [InlineData(1, 100_000, 1)]
    public void A_batch_that_is_a_little_larger_than_the_engine_allocates_has_fewer_URLs(int count, int length, int expected) =>
        EngineRoom.BestCount(count, length, out _).ShouldBe(expected);

    [Fact]
    public async Task A_job_of_an_older_format_keeps_it()
    {
        var store = new MemoryLeaseStore(TimeProvider.System);
        var facts = await store.CreateAsync(new JobFacts { Version = "0.2.0", Format = 1, Partitions = 1 });
        await new Enqueuer(store, JobSearch.Check(facts, "it"), new Patience(TimeSpan.FromSeconds(1), TimeProvider.System, _ => { }))
            .RunAsync(new MemorySource(["http://a/", "http://b/"]), TestContext.Current.CancellationToken);

        var beat = await store.BeatAsync(new WorkerCard("w", "{}"), TimeSpan.FromMinutes(1), []);
        var taken = await store.TakeAsync("w", [new Cursor(beat.Gained[0].Lease, -1)], new TakeBounds(1, 1, TakeBounds.MostDoubt));
        UrlColumns.Are(taken.Batches[0].Packed.Span).ShouldBeFalse();
        BatchFormat.Read(taken.Batches[0].Id, taken.Batches[0].Packed).Select(url => Encoding.UTF8.GetString(url.Text.Span)).ShouldBe(["http://a/", "http://b/"]);
    }

    [Fact]
    public void No_secret_of_a_line_goes_into_a_batch()
    {
        var writer = new BatchFormat.Writer(UrlRecords.Format);
        var item = new UrlItem();
        item.Text.Set("http://me:hunter2@a/");
        writer.Add(item);
        item.Index = 1;
        item.Text.Set("http://b/");
        item.Options = new UrlOptions { Headers = [new("authorization", "Bearer hunter2"), new("X-Plain", "yes")] };
        writer.Add(item);

        var batch = writer.Take();
        Encoding.UTF8.GetString(BatchFormat.Decompress(batch.Packed)).ShouldNotContain("hunter2");
        var urls = BatchFormat.Read(0, batch.Packed);
        urls[0].Problem.ShouldBe("the URL has a user or password in it, and no secret goes into a queue; give the workers --user");
        urls[1].Problem.ShouldBe("the header authorization of the line is a secret, and none goes into a queue; give the workers --header");
    }

    private static string[] Described(IEnumerable<QueuedUrl> urls) =>
        [.. urls.Select(url => $"{url.Index} {url.Line} {url.Origin} {url.Problem} {url.IsJson} {Convert.ToHexString(url.Text.Span)}")];

    private static byte[] Deflated(ReadOnlySpan<byte> bytes)
    {
        var packed = new MemoryStream();
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest))
        {
            deflate.Write(bytes);
        }

        return packed.ToArray();
    }
}
