using System.Text;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Http.Http2;

/// <summary>The Huffman code of RFC 7541, appendix B. All bytes in order, coded by another implementation (python3-hpack).</summary>
public sealed class HuffmanTests
{
    private const string AllBytes =
        "ffc7fffd8fffffe2fffffe3fffffe4fffffe5fffffe6fffffe7fffffe8ffffeafffffff3fffffa7fffffabffffffdfffffebfffffecfffffedfffffe" +
        "efffffefffffff0ffffff1ffffff2fffffffbfffffcffffffd3fffffd7fffffdbfffffdffffffe3fffffe7fffffebfffffed4fe3f9ffaffcabf1febf" +
        "afefe7fdfd2cbb00089969b71d79fb9f7fff20ffbff3ff50ddbd7f061c58f265cd9f469d5af66dddbf871e5f9cff7ff7fffc3ff9ffe45fff4719242c" +
        "b34e6e9d68a6a3d7dac426defe3cfaf7fffbfe7ffbffdffffffcfffe6ffff4bfff9ffffa3fffd3ffff53fffd5ffffb3fffeb7fffdaffffb7ffff73ff" +
        "feeffffdeffffebffffbfffffd9ffffdbfffebffffe0ffffeeffffc3ffff8bffff1ffffe4fffee7fffb1ffff97fffd9ffffcdffff9fffffbffffdaff" +
        "feeffff4ffffb7fffee7fffe8ffffd3fffdeffffd5fffeeffffbdffffe1fffdfffff7fffff5ffffecffff07fff87fffe0ffff17fffedffff87ffff77" +
        "fffeffffeaffff8bfffe3ffff93ffff87fffcbffff37ffff1fffff83ffffe1fffebfffe3ffff3fffff2ffffa3ffffd9fffff17ffffc7fffff27ffffd" +
        "efffffbffffff2fffff8fffffb7fff97fff8fffffe6fffffc1fffff87ffffe7fffffc5ffffe5fffe4ffff2fffffd1fffff4ffffffefffffe3fffffc9" +
        "fffff97fffb3ffffcffffb7fffcdffff4ffff9ffffd1ffffcffffeaffffafffffddffffeffffff4fffff5fffffabffffa7ffffd7fffff9bffffecfff" +
        "ffb7fffff3fffffe8fffffd3fffffabfffff5fffffff7ffffecfffffdbfffffbbfffff7ffffff0fffffbbf";

    [Fact]
    public void Every_byte_is_decoded()
    {
        var coded = Convert.FromHexString(AllBytes);
        var decoded = new byte[Huffman.MostDecoded(coded.Length)];
        Huffman.Decode(coded, decoded).ShouldBe(256);
        decoded.AsSpan(0, 256).SequenceEqual([.. Enumerable.Range(0, 256).Select(value => (byte)value)]).ShouldBeTrue();
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("f1e3c2e5f23a6ba0ab90f4ff", "www.example.com")]
    [InlineData("a8eb10649cbf", "no-cache")]
    [InlineData("1f", "a")]
    // A padding of eight bits or more, of zeros, and the mark of the end.
    [InlineData("ff", null)]
    [InlineData("1fff", null)]
    [InlineData("18", null)]
    [InlineData("ffffffff", null)]
    [InlineData("fffffffc", null)]
    // A code that is cut off: one bit of a short one too few, and of a long one.
    [InlineData("1e", null)]
    [InlineData("fffe", null)]
    public void Strings_are_decoded_or_refused(string coded, string? text)
    {
        var bytes = Convert.FromHexString(coded);
        var decoded = new byte[Huffman.MostDecoded(bytes.Length)];
        var length = Huffman.Decode(bytes, decoded);
        (length < 0 ? null : Encoding.ASCII.GetString(decoded, 0, length)).ShouldBe(text);
    }
}
