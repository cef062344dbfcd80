using CsCheck;
using Fetcher.Core.Http.Http2;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.Http.Http2;

/// <summary>HPACK by the examples of RFC 7541, appendix C, and what is refused.</summary>
public sealed class HpackTests
{
    [Theory]
    [InlineData("0a", 5, 10)]
    [InlineData("1f9a0a", 5, 1337)]
    [InlineData("2a", 8, 42)]
    [InlineData("1fffffffff0f", 5, -1)]
    [InlineData("1f80808080808000", 5, -1)]
    [InlineData("1f", 5, -1)]
    public void Numbers(string hex, int prefix, int number)
    {
        ReadOnlySpan<byte> data = Convert.FromHexString(hex);
        HpackInteger.Read(ref data, prefix).ShouldBe(number);
        if (number >= 0)
        {
            data.IsEmpty.ShouldBeTrue();
            var written = new byte[HpackInteger.MaxLength];
            Convert.ToHexStringLower(written, 0, HpackInteger.Write(written, 0, prefix, number)).ShouldBe(hex);
        }
    }

    [Theory]
    // C.2: single fields.
    [InlineData(55, "400a637573746f6d2d6b65790d637573746f6d2d686561646572", "custom-key: custom-header")]
    [InlineData(0, "040c2f73616d706c652f70617468", ":path: /sample/path")]
    [InlineData(0, "100870617373776f726406736563726574", "password: secret")]
    [InlineData(0, "82", ":method: GET")]
    public void Single_fields(int tableSize, string hex, string fields) => Decode([hex], [fields], [tableSize], 4096);

    [Fact]
    public void Requests_without_the_Huffman_code() => Decode(
        ["828684410f7777772e6578616d706c652e636f6d", "828684be58086e6f2d6361636865", "828785bf400a637573746f6d2d6b65790c637573746f6d2d76616c7565"],
        Requests,
        [57, 110, 164],
        4096);

    [Fact]
    public void Requests_in_the_Huffman_code() => Decode(
        ["828684418cf1e3c2e5f23a6ba0ab90f4ff", "828684be5886a8eb10649cbf", "828785bf408825a849e95ba97d7f8925a849e95bb8e8b4bf"],
        Requests,
        [57, 110, 164],
        4096);

    [Fact]
    public void Responses_without_the_Huffman_code_that_evict() => Decode(
        [
            "4803333032580770726976617465611d4d6f6e2c203231204f637420323031332032303a31333a323120474d546e1768747470733a2f2f7777772e6578616d706c652e636f6d",
            "4803333037c1c0bf",
            "88c1611d4d6f6e2c203231204f637420323031332032303a31333a323220474d54c05a04677a69707738666f6f3d4153444a4b48514b425a584f5157454f50495541585157454f49553b206d61782d6167653d333630303b2076657273696f6e3d31",
        ],
        Responses,
        [222, 222, 215],
        256);

    [Fact]
    public void Responses_in_the_Huffman_code_that_evict() => Decode(
        [
            "488264025885aec3771a4b6196d07abe941054d444a8200595040b8166e082a62d1bff6e919d29ad171863c78f0b97c8e9ae82ae43d3",
            "4883640effc1c0bf",
            "88c16196d07abe941054d444a8200595040b8166e084a62d1bffc05a839bd9ab77ad94e7821dd7f2e6c7b335dfdfcd5b3960d5af27087f3672c1ab270fb5291f9587316065c003ed4ee5b1063d5007",
        ],
        Responses,
        [222, 222, 215],
        256);

    [Theory]
    [InlineData("80", "an index that stands for nothing")]
    [InlineData("be", "an index that stands for nothing")]
    [InlineData("7f00", "an index that stands for nothing")]
    [InlineData("00", "a string that is cut off")]
    [InlineData("0005616263", "a string that is cut off")]
    [InlineData("000161", "a string that is cut off")]
    [InlineData("00016181ff", "not in the Huffman code")]
    [InlineData("823fe11f", "a change of the table's size")]
    [InlineData("3fe21f", "a change of the table's size")]
    [InlineData("ffffffffffff7f", "an index that stands for nothing")]
    public void What_cannot_be_ends_the_connection(string hex, string reason)
    {
        var failure = new HpackDecoder(new Http2Limits()).Decode(Convert.FromHexString(hex));
        failure.ShouldNotBeNull().Code.ShouldBe(Http2Error.CompressionError);
        failure.Reason.ShouldContain(reason);
    }

    [Fact]
    public void What_unpacks_to_too_much_ends_the_connection()
    {
        // One field of 4,000 bytes in the table, then a byte each time it is meant.
        var decoder = new HpackDecoder(new Http2Limits());
        byte[] bomb = [.. Convert.FromHexString("400161"), 0x7F, 0xA1, 0x1E, .. new byte[4000], .. Enumerable.Repeat((byte)0xBE, 16_000)];
        decoder.Decode(bomb).ShouldNotBeNull().ShouldBe(new Http2Failure(Http2Error.EnhanceYourCalm, "a header section longer than 131072 bytes"));
        decoder.Section.Count.ShouldBe(33);
        byte[] many = [.. Enumerable.Repeat((byte)0x82, 1001)];
        new HpackDecoder(new Http2Limits()).Decode(many).ShouldNotBeNull().Reason.ShouldBe("more than 1000 fields");
    }

    [Fact]
    public void A_section_that_is_repeated_is_known_as_long_as_it_means_the_same()
    {
        var decoder = new HpackDecoder(new Http2Limits());
        var (adds, means, both) = (Convert.FromHexString("4001610162"), Convert.FromHexString("be"), Convert.FromHexString("be4001610162"));
        IsKnown(adds).ShouldBeFalse();
        IsKnown(means).ShouldBeFalse();
        IsKnown(means).ShouldBeTrue();
        IsKnown(adds).ShouldBeFalse("it is not the last one");
        IsKnown(adds).ShouldBeTrue();
        IsKnown(means).ShouldBeFalse();
        IsKnown(both).ShouldBeFalse();
        IsKnown(both).ShouldBeFalse("the index means another field each time");

        bool IsKnown(byte[] section)
        {
            var (last, edition) = (decoder.Section, decoder.Section.Edition);
            decoder.Decode(section).ShouldBeNull();
            return decoder.Section == last && decoder.Section.Edition == edition;
        }
    }

    /// <summary>As nginx does: the same fields each time, and each time added.</summary>
    [Fact]
    public void A_section_that_is_repeated_adds_to_the_table_what_it_adds()
    {
        var (repeating, decoding) = (new HpackDecoder(new Http2Limits()), new HpackDecoder(new Http2Limits()));
        byte[] section = [0x88, 0x40, 1, (byte)'a', 100, .. Enumerable.Repeat((byte)'x', 100), 0x40, 1, (byte)'b', 2, (byte)'y', (byte)'y'];
        repeating.Decode(section).ShouldBeNull();
        decoding.Decode(section).ShouldBeNull();
        AllocationCheck.ShouldAllocateNothing(() => repeating.Decode(section).ShouldBeNull());
        for (var i = 0; i < 2000; i++)
        {
            decoding.Decode(section).ShouldBeNull();
            decoding.Decode([0x88]).ShouldBeNull();
        }

        repeating.TableSize.ShouldBe(decoding.TableSize);
        foreach (var index in (byte[])[0xBE, 0xBF, 0xC0, 0xDE])
        {
            (repeating.Decode([index])?.Reason).ShouldBe(decoding.Decode([index])?.Reason);
            HpackText.Of(repeating.Section).ShouldBe(HpackText.Of(decoding.Section));
        }
    }

    /// <summary>Sections of a few fields, so that many have one again in its place, beside a table that is kept in the plainest way.</summary>
    [Fact]
    public void A_field_that_is_repeated_in_its_place_means_what_it_meant_or_what_the_table_says_now() =>
        Gen.Int[0, 8].Array[0, 6].Array[1, 12].Sample(
            sections =>
            {
                const int TableSize = 150;
                var decoder = new HpackDecoder(new Http2Limits { TableSize = TableSize });
                var table = new List<(string Name, string Value)>();
                foreach (var section in sections)
                {
                    var (bytes, expected) = (new List<byte>(), new List<string>());
                    foreach (var kind in section)
                    {
                        if (kind >= 6 && table.Count < 2)
                        {
                            continue;
                        }

                        var (coded, name, value, isAdded) = kind switch
                        {
                            0 => ([0x88], ":status", "200", false),
                            1 => ([0x40, 1, (byte)'a', 1, (byte)'x'], "a", "x", true),
                            2 => ([0x40, 1, (byte)'a', 2, (byte)'y', (byte)'y'], "a", "yy", true),
                            3 => ([0x40, 1, (byte)'b', 0x81, 0x1F], "b", "a", true),
                            4 => ([0x10, 1, (byte)'c', 1, (byte)'d'], "c", "d", false),
                            5 => ([0x62, 1, (byte)'e'], "etag", "e", true),
                            6 => ([0xBE], table[^1].Name, table[^1].Value, false),
                            7 => ([0xBF], table[^2].Name, table[^2].Value, false),
                            _ => ((byte[])[0x7E, 1, (byte)'v'], table[^1].Name, "v", true),
                        };
                        bytes.AddRange(coded);
                        expected.Add($"{name}: {value}");
                        if (isAdded)
                        {
                            table.Add((name, value));
                        }

                        while (table.Sum(field => field.Name.Length + field.Value.Length + 32) > TableSize)
                        {
                            table.RemoveAt(0);
                        }
                    }

                    decoder.Decode([.. bytes]).ShouldBeNull();
                    HpackText.Of(decoder.Section).ShouldBe(string.Join(", ", expected));

                    decoder.TableSize.ShouldBe(table.Sum(field => field.Name.Length + field.Value.Length + 32));
                }
            },
            iter: 3000);

    [Fact]
    public void Any_bytes_are_decoded_or_refused() =>
        Gen.Byte.Array[0, 300].Array[1, 5].Sample(sections =>
        {
            var decoder = new HpackDecoder(new Http2Limits { TableSize = 200 });
            foreach (var section in sections)
            {
                _ = decoder.Decode(section);
                decoder.TableSize.ShouldBeLessThanOrEqualTo(200);
            }
        }, iter: 3000);

    private static readonly string[] Requests =
    [
        ":method: GET, :scheme: http, :path: /, :authority: www.example.com",
        ":method: GET, :scheme: http, :path: /, :authority: www.example.com, cache-control: no-cache",
        ":method: GET, :scheme: https, :path: /index.html, :authority: www.example.com, custom-key: custom-value",
    ];

    private static readonly string[] Responses =
    [
        ":status: 302, cache-control: private, date: Mon, 21 Oct 2013 20:13:21 GMT, location: https://www.example.com",
        ":status: 307, cache-control: private, date: Mon, 21 Oct 2013 20:13:21 GMT, location: https://www.example.com",
        ":status: 200, cache-control: private, date: Mon, 21 Oct 2013 20:13:22 GMT, location: https://www.example.com, content-encoding: gzip, " +
        "set-cookie: foo=ASDJKHQKBZXOQWEOPIUAXQWEOIU; max-age=3600; version=1",
    ];

    private static void Decode(string[] sections, string[] expected, int[] sizes, int tableSize)
    {
        var decoder = new HpackDecoder(new Http2Limits { TableSize = tableSize });
        for (var i = 0; i < sections.Length; i++)
        {
            decoder.Decode(Convert.FromHexString(sections[i])).ShouldBeNull();
            HpackText.Of(decoder.Section).ShouldBe(expected[i]);
            decoder.TableSize.ShouldBe(sizes[i]);
        }
    }
}
