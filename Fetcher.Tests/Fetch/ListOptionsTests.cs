using System.IO.Compression;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;
using ZstdSharp;

namespace Fetcher.Tests.Fetch;

/// <summary>Lists that are more than a URL a line: packed, sitemaps, bare hosts, and without what they have twice.</summary>
public sealed class ListOptionsTests : IDisposable
{
    private const string Sitemap = """
        <?xml version="1.0" encoding="UTF-8"?>
        <!-- <loc>http://no/</loc> -->
        <urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1">
          <url><loc> http://a/?x=1&amp;y=2
          </loc><lastmod>2026-01-01</lastmod><image:image><image:loc>http://no/picture</image:loc></image:image></url>
          <url><loc><![CDATA[http://b/<]]></loc></url><url><loc/></url>
        </urlset>
        """;

    private readonly TemporaryDirectory _directory = new();

    public static TheoryData<string> Ways => ["plain", "gzip", "zstd"];

    public void Dispose() => _directory.Dispose();

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_packed_list_is_unpacked_from_files_and_pipes(string way)
    {
        var lines = Enumerable.Range(0, 5000).Select(i => $"http://host/{i}").ToArray();
        var bytes = Pack(string.Join('\n', lines), way);
        using var file = UrlSource.Open([_directory.Write("list", bytes)], count: 2);
        using var pipe = SourceTesting.FromPipe(bytes, count: 2, pieceSize: 1000);

        file.TakeAll().Select(item => item.Text).ShouldBe([.. lines, .. lines]);
        pipe.TakeAll().Select(item => item.Text).ShouldBe([.. lines, .. lines]);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public void The_locations_of_a_sitemap_are_its_lines(string way)
    {
        using var file = UrlSource.Open([_directory.Write("sitemap", Pack(Sitemap, way)), "http://c/"]);
        using var pipe = SourceTesting.FromPipe(Pack("\uFEFF" + Sitemap, way), pieceSize: 7);

        file.TakeAll().Select(item => item.Text).ShouldBe(["http://a/?x=1&y=2", "http://b/<", "http://c/"]);
        pipe.TakeAll().Select(item => item.Text).ShouldBe(["http://a/?x=1&y=2", "http://b/<"]);
    }

    [Fact]
    public void The_sitemaps_of_an_index_are_URLs_like_others() =>
        Take("<sitemapindex><sitemap><loc>http://a/1.xml.gz</loc></sitemap></sitemapindex>").ShouldBe(["http://a/1.xml.gz"]);

    [Theory]
    [InlineData("<!DOCTYPE urlset [<!ENTITY a \"b\">]><urlset a=\"x>y'\"><url lastmod='/'><loc x=\"1\">http://a/</loc></url></urlset>", "http://a/")]
    [InlineData("<urlset><loc>http://a/?&#x61;&#98;&quot;&apos;&lt;&gt;&no;&</loc></urlset>", "http://a/?ab\"'<>&no;&")]
    [InlineData("<urlset><loc><![CDATA[http://a/]]]]><![CDATA[>]b]]]></loc></urlset>", "http://a/]]>]b]")]
    [InlineData("<urlset><!-- - -- <loc>no</loc> ---><loc>http://a/<!-- x --></loc></urlset><loc>no</loc>", "http://a/")]
    public void What_XML_can_say_is_understood(string text, string url) => Take("<?xml version=\"1.0\"?>" + text).ShouldBe([url]);

    [Theory]
    [InlineData("<?xml version=\"1.0\"?><html><body/></html>", "it is XML that begins with <html>")]
    [InlineData("<urlset><url><loc>http://a/</loc></url>", "as a sitemap: it ends within <urlset>")]
    [InlineData("<?xml version=\"1.0\"?>", "no list and no sitemap")]
    public void What_is_no_sitemap_is_told(string text, string because)
    {
        using var source = UrlSource.Open([_directory.Write("x.xml", text)]);

        Should.Throw<SourceException>(() => source.TakeAll()).Message.ShouldContain(because);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd")]
    public void A_packed_list_that_breaks_off_is_told(string way)
    {
        using var source = UrlSource.Open([_directory.Write("list", Pack("http://a/\n", way)[..^3])]);

        Should.Throw<SourceException>(() => source.TakeAll()).Message.ShouldContain("compression is broken or ends too early");
    }

    [Theory]
    [InlineData("a.test", "https://a.test")]
    [InlineData("a.test:81/x?y#z", "https://a.test:81/x?y#z")]
    [InlineData("localhost:8080", "https://localhost:8080")]
    [InlineData("//a.test/x", "https://a.test/x")]
    [InlineData("http://a.test/", "http://a.test/")]
    [InlineData("mailto:me@a.test", "mailto:me@a.test")]
    [InlineData("{\"url\":\"a.test/x\"}", "https://a.test/x")]
    public void What_has_no_scheme_gets_the_default_one(string line, string url) =>
        Take(line, new ListOptions(DefaultScheme: "https")).ShouldBe([url]);

    [Fact]
    public void A_source_that_is_no_file_is_a_bare_host_and_may_be_a_pattern()
    {
        var file = _directory.Write("a.test", "http://from.the.file/");
        using var source = UrlSource.Open([file, "b{1,2}.test/x"], options: new ListOptions(Globs: true, DefaultScheme: "http"));

        source.TakeAll().Select(item => item.Text).ShouldBe(["http://from.the.file/", "http://b1.test/x", "http://b2.test/x"]);
    }

    [Fact]
    public void A_URL_that_was_there_is_left_out_in_each_round_and_indexes_have_no_gaps()
    {
        using var source = UrlSource.Open(
            [_directory.Write("list", "http://A/x\nhttp://a:80/x#f\nhttp://a/y\nno url\nno url\nhttp://me@a/x\nhttp://a/%7Ex\nhttp://a/x\n")],
            count: 2,
            options: new ListOptions(Dedupe: true));

        var items = source.TakeAll();
        string[] round = ["http://A/x", "http://a/y", "no url", "no url", "http://me@a/x", "http://a/%7Ex"];
        items.Select(item => item.Text).ShouldBe([.. round, .. round]);
        items.Select(item => item.Index).ShouldBe(Enumerable.Range(0, 12).Select(i => (long)i));
        (source.Duplicates, source.Total).ShouldBe((4L, null));
    }

    [Fact]
    public void Lines_that_ask_otherwise_are_not_the_same_and_an_id_makes_no_difference() =>
        Take(
            """
            {"url":"http://a/","id":1}
            {"url":"http://a/","id":2}
            {"url":"http://a/","method":"HEAD"}
            {"url":"http://a/","headers":{"X":"1"}}
            {"url":"http://a/","headers":{"X":"2"}}
            {"url":"http://a/","headers":{"X":null}}
            {"url":"http://a/","save_as":"a"}
            http://a/
            """,
            new ListOptions(Dedupe: true)).Length.ShouldBe(6);

    [Fact]
    public void What_is_left_out_is_exact_for_lists_of_any_length()
    {
        // Long enough for the table to grow, for keys to be read back from the file, and for one that is longer than the buffer.
        var random = new Random(7);
        var texts = Enumerable.Range(0, 30_000).Select(_ => $"http://a/{random.Next(10_000)}{new string('x', random.Next(50))}").ToList();
        texts.Insert(5000, "http://a/" + new string('y', 60_000));
        texts.Add(texts[5000]);
        using var distinct = new DistinctUrls();
        var item = new UrlItem();
        var known = new HashSet<string>();
        foreach (var text in texts)
        {
            item.Text.Set(text);
            distinct.Add(item).ShouldBe(known.Add(text), text);
        }
    }

    private string[] Take(string text, ListOptions? options = null)
    {
        using var source = UrlSource.Open([_directory.Write("list", text)], options: options);
        return [.. source.TakeAll().Select(item => item.Text)];
    }

    private static byte[] Pack(string text, string way)
    {
        var packed = new MemoryStream();
        using (Stream packer = way switch
        {
            "gzip" => new GZipStream(packed, CompressionMode.Compress, leaveOpen: true),
            "zstd" => new CompressionStream(packed),
            _ => new BufferedStream(packed),
        })
        {
            packer.Write(Encoding.UTF8.GetBytes(text));
        }

        return packed.ToArray();
    }
}
