using System.Text;
using CsCheck;
using Fetcher.Core;
using Fetcher.Core.Reports;
using Fetcher.Queue;
using Fetcher.Tests.Reports;

namespace Fetcher.Tests.Queue;

/// <summary>Results on their way from workers to the collector, which may be of another version.</summary>
public sealed class ResultPackTests
{
    private const string LinesOfFormat3 =
        "aa56cacc4b49ad50b232d4512a2dca51b252ca282929b0d2d72fd557d2514acbcc4bcc8947114f0389e7e6a7a42a592915e4e7e428e928e5672b59a525e614a7ea281597249694162b5919" +
        "1998e8804d8a2f4b2d2acecccf53b25232d43350d2514a2d2aca2f52b2aa56cacecc4b51b2522ac9cf8fcf492c4a4f55d251ca4d2d2e4e4c07999cab54aba3945a9159920cb6c9cc584729" +
        "b1a42435b7a00464b88e525e696e7c727e5e5e6a3248c0182250949a9259041131d1512aceac4a8d4fc92fcfcbc94f4c51b232858a24e5a7542a5999e9281567241a999a295929252629e9" +
        "28152796a5a6c427162b5929a56416e9a765e6801c949c9f57929a57125f5259007255496a45897e414e62669e928e52516a6e7e496a7c668192959295952142a420bfa844c9ca5c472927" +
        "3f3931271ec2b50071f30b94ac2cc181045261a86768646c626aa6a35492999b1a5f589a5a9aaa6465842a9a97989b9a939f9f5d5aa064658c2a05f5bf929509aa786241015cca1455aaa0" +
        "28b5a42831af382db548c9ca0c55aeb824b1a804216b8e2a5b925f9298a3646501174dcec904854c7149624e8e9295255c1c2c109f94939f9c0db2a45a0961a4a1810e2cd6c1f29979e90a" +
        "45a989294a3a4ac9f9c5254a5686b020a9d551ca04258e0a251da5f2fc22b0494ae54a3a4a19a98929a945c54a56d1d14a8e4a3a4a494ab1b1a0a880477c74356a324e04255758aa343630" +
        "0445437262092445ea2729d5c6ea805c989c1a0fb6d02031cddcccd4d0d2d02c39c5c43825c5c2c4c42235c9c8d030d9c2c0d8d03259091a5949a9e99979f179c54a56903834b7b034844a" +
        "15e527e5971443e4cc75948ab3330b0a525394ac4a8a4a53759452f3525253e233f3e20b124b8b5361a2b9a92519f9200f7bb83aba8032494962ba9295524ca9818191512a8452d251ca49" +
        "2c2e89cfcd4fc94ccb0499a8149c58a2a36060a8e09598a760646060a060606005460aeebe214ab55cf0cc6d8096b9c1a182257383c5a1993bb1b8320fe45f50ee86b81d168c4606065832" +
        "3728074033775e694e0e72f63540cebd8690cc0a4da2a010840820e55e03685e45e45e502843052119d8d4ccdc029187211622f230848f2df76694e4828a2ce4cc6b6864ae67a067a007f2" +
        "00541c9a670d20a90596874d0c0c403ecfc907e563901b413946c9ca40cfc0c0c0d0c8181affd07c6c00e5226760904a43b019e01c0f0d028809a0f8836a41cec0306350722ec81c24f568" +
        "39d740cfd0c018610b34e71ae8191b40ec46cdb90648c9c4d008239d80ca46ac09059434a02905944b41a904a30e30444f26907881a612441590999b9a5f5a82520154a056004616c849c8" +
        "009262a0e157ac640515c09b84401106aa1220e907c4835600104711483c8081fc084d1ca0121fa2072a00492d688905ccc54c28902800473fbe84024d09501f823d08d64338694075a2a7" +
        "09a8303c31181818988212335a62d0514a85143d154ab55c00";

    private const string RecordsOfFormat4 =
        "07fdffffef07ffff0f02020009687474703a2f2f752f020009687474703a2f2f662f020004706f6c6c9803020003312e3002020009746f6f5f6c617267650200016d7e0406080a0c020002" +
        "61620200086469722f66696c6502000a746578742f706c61696e0200033a3a310e101280928901809b830280a4fd0280adf70380b6f10480bfeb0580c8e50680d1df0780dad90802140200" +
        "0d626c6f636b696e67207265616480eccd0a020001780200017702000b5b5b2241222c2262225d5d0200325b7b2275726c223a22687474703a2f2f612f222c22737461747573223a333031" +
        "2c226c6f636174696f6e223a222f62227d5d0200203061663736353139313663643433646438343438656232313163383033313963a68bb099092202020202000322652202001d5361742c" +
        "203031204a616e20323030302030303a30303a303020474d54ffffffef01ffff010109010161010200056173796e63020704000131017d0103079a13d0580000020009746578742f68746d" +
        "6c0200093132372e302e302e319201f0f0041189908901ff9a8302af94fd02df8df703ffb5f104df9feb05cffed806eff1ba07ffd9d9080113000000000081eccd0aa58bb0990921010200" +
        "0001ffde76ffc307180b0001620b000163020001780102000202000774696d656f757402000178380101a313db580000020001789f01fff004da0dcf0f9f1f9f1fafc90ca7d72400000200" +
        "0178020000";

    public static TheoryData<int> Formats { get; } = [1, 3, 4];

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_result_comes_out_with_every_field(int format)
    {
        var result = Everything();

        var read = Read(Pack(format, result)).ShouldHaveSingleItem();

        read.ShouldBe(Described(result));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void What_a_result_does_not_have_it_has_not_from_the_one_before(int format) =>
        Read(Pack(format, Everything(), new FetchResult(), Everything(), Plain())).ShouldBe(
            [Described(Everything()), Described(new FetchResult()), Described(Everything()), Described(Plain())]);

    [Theory]
    [MemberData(nameof(Formats))]
    public void A_pack_that_is_used_again_has_nothing_of_before(int format)
    {
        using var pack = ResultPack.Of(format);
        pack.Add(Everything());
        _ = pack.Pack();
        pack.Clear();
        pack.Add(Plain());

        Read(pack.Pack()).ShouldBe([Described(Plain())]);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Any_results_come_out(int format) => Gen.Select(
            Gen.Long[0, 1L << 40], Gen.String[Gen.Char["ab/"], 0, 5], Gen.String[Gen.Char["ab/"], 0, 5], Gen.String[Gen.Char["xy\u00e4"], 0, 2], Gen.Long[0, 1L << 40], Gen.Int[0, 3])
        .Array[1, 20]
        .Sample(values =>
        {
            var results = values.Select(value => ResultOf(value.Item1, value.Item2, value.Item3, value.Item4, value.Item5 * 1000, value.Item6)).ToArray();
            Read(Pack(format, results)).ShouldBe(results.Select(Described));
        });

    [Theory]
    [InlineData(3, LinesOfFormat3)]
    [InlineData(4, RecordsOfFormat4)]
    public void Machines_of_another_version_read_the_same_results(int format, string packed)
    {
        FetchResult[] results = [Everything(), Plain(), ResultOf(12, "http://a/b", "http://a/c", "x", 1_000_000, 1)];

        Read(Convert.FromHexString(packed)).ShouldBe(results.Select(Described));
        if (format == JobFacts.NewestFormat)
        {
            // Others of DEFLATE may pack differently.
            Convert.ToHexStringLower(Pack(format, results).Span).ShouldBe(packed);
        }
    }

    [Fact]
    public void Records_that_are_cut_short_are_none()
    {
        FetchResult[] results = [Everything(), Plain(), Everything()];
        var packed = Pack(JobFacts.NewestFormat, results);
        var whole = 0;
        for (var length = 1; length < packed.Length; length++)
        {
            var cut = packed[..length];
            try
            {
                var read = Read(cut);
                read.ShouldBe(results[..read.Count].Select(Described));
                whole++;
            }
            catch (InvalidDataException)
            {
                // As it has to be, but between two of them.
            }
        }

        whole.ShouldBe(results.Length);
    }

    [Fact]
    public void Any_bytes_are_records_or_none() => Gen.Byte.Array[0, 60].Sample(bytes =>
    {
        byte[] packed = [7, .. bytes];
        try
        {
            Read(packed).Count.ShouldBeLessThanOrEqualTo(bytes.Length);
        }
        catch (InvalidDataException e)
        {
            e.Message.ShouldContain("garbled");
        }
    });

    [Fact]
    public void Results_that_are_alike_need_few_bytes()
    {
        using var pack = ResultPack.Of(JobFacts.NewestFormat);
        for (var index = 0; index < 128; index++)
        {
            var result = Sample.Result(50 * index, $"http://site.example/section/{index % 97}/article-{index}.html");
            (result.LocalPort, result.Start, result.TimeTotal) = (40_000 + (index % 64), index * 1_200_000L, 1_700_000 + (index % 7 * 100_000));
            pack.Add(result);
        }

        (pack.Pack().Length / 128).ShouldBeLessThan(40);
    }

    [Fact]
    public void A_plain_result_is_its_line_of_ndjson()
    {
        var line = new LineBuffer();
        using var writer = new ResultLine();
        writer.Write(line, Plain());

        Encoding.UTF8.GetString(line.Written).ShouldBe(Sample.Write(new NdjsonReport(), Sample.Result()));
        ResultLine.TryRead("{"u8, new FetchResult()).ShouldBeFalse();
        ResultLine.TryRead("[]"u8, new FetchResult()).ShouldBeFalse();
    }

    private static FetchResult Plain()
    {
        var result = Sample.Result();
        result.TimeBegin = result.TimeNameLookup;
        return result;
    }

    private static FetchResult Everything()
    {
        var result = ResultFieldsTests.MakeEverything();
        result.ETag.Set("\"e\"");
        result.LastModified.Set("Sat, 01 Jan 2000 00:00:00 GMT");
        (result.Skipped, result.Method, result.TimeBegin, result.RobotsTime, result.EndedInPause) = (true, FetchMethod.Head, 1_234_567_891, 17, true);
        result.Headers = new HeaderFields([], keepsAll: false);
        result.Headers.Add("A"u8, "b"u8);
        result.Redirects = [new RedirectStep("http://a/", 301, "/b")];
        return result;
    }

    private static FetchResult ResultOf(long index, string url, string final, string text, long time, int what)
    {
        var result = new FetchResult
        {
            Index = index,
            Mode = text,
            Status = 200 + what,
            Error = what == 1 ? new FetchError(FetchErrorKind.Timeout, text, 28) : null,
            Id = what == 2 ? new UrlId(text) : null,
            ContentType = what == 3 ? null : text,
            SavedAs = what == 0 ? final : null,
            Start = time,
            TimeTotal = time / 2000 * 1000,
        };
        result.Url.Set(url);
        result.FinalUrl.Set(final);
        result.ETag.Set(text);
        return result;
    }

    private static ReadOnlyMemory<byte> Pack(int format, params FetchResult[] results)
    {
        using var pack = ResultPack.Of(format);
        Array.ForEach(results, pack.Add);
        return pack.Pack().ToArray();
    }

    private static List<string> Read(ReadOnlyMemory<byte> packed) => [.. ResultPack.Read(packed, new FetchResult()).Select(Described)];

    /// <summary>All that a result says.</summary>
    private static string Described(FetchResult result) =>
        $"{Sample.Write(new NdjsonReport(), result)}{result.Skipped} {result.Method} {result.TimeBegin} {result.RobotsTime} {result.EndedInPause} {result.ETag} {result.LastModified}";
}
