using System.Text;
using CsCheck;
using Fetcher.Core.Http.Names;

namespace Fetcher.Tests.Http;

/// <summary>Internationalised names as browsers read them: UTS 46, nontransitional, with the rules for joiners and for names written from the right.</summary>
public sealed class DomainNameTests
{
    [Theory]
    // Mapped: case, width, other full stops, soft hyphens and what else is ignored, ligatures, and letters that stand for several.
    [InlineData("Bücher.Example", "xn--bcher-kva.example")]
    [InlineData("ＢÜＣＨＥＲ．ｄｅ", "xn--bcher-kva.de")]
    [InlineData("bü\u00ADcher.de", "xn--bcher-kva.de")]
    [InlineData("b\u200Bü\uFE0Fcher。de｡", "xn--bcher-kva.de.")]
    [InlineData("ｅｘａｍｐｌｅ．ｃｏｍ", "example.com")]
    [InlineData("exam\u00ADple.com", "example.com")]
    [InlineData("ﬃ.ℹ.™.㏒", "ffi.i.tm.log")]
    [InlineData("①②③.Ⅳ", "123.iv")]
    [InlineData("１２７.0.0.1", "127.0.0.1")]
    [InlineData("ΣΊΣΥΦΟΣ", "xn--kxa6akbbkh")]
    [InlineData("ẞ.İ", "xn--zca.xn--i-9bb")]
    // Kept by the nontransitional way: sharp s and final sigma, which the standard before took for other letters.
    [InlineData("faß.de", "xn--fa-hia.de")]
    [InlineData("βόλος.com", "xn--nxasmm1c.com")]
    [InlineData("βόλοσ.com", "xn--nxasmq6b.com")]
    // Decomposed and composed are the same: marks in any order, Korean syllables, compatibility ideographs.
    [InlineData("bu\u0308cher.de", "xn--bcher-kva.de")]
    [InlineData("a\u0323\u0302", "xn--zkg")]
    [InlineData("a\u0302\u0323", "xn--zkg")]
    [InlineData("\u1112\u1161\u11ab\u1100\u1173\u11af", "xn--bj0bj06e")]
    [InlineData("한글", "xn--bj0bj06e")]
    [InlineData("日本語。ＪＰ", "xn--wgv71a119e.jp")]
    [InlineData("☕.🍕", "xn--53h.xn--vi8h")]
    // Hyphens are not judged, and underscores are left to who looks at the ASCII form.
    [InlineData("r3---sn-ü.test", "xn--r3---sn--e6a.test")]
    [InlineData("-ü-.test", "xn-----xka.test")]
    [InlineData("_ü.test", "xn--_-eha.test")]
    // Encoded labels beside others are checked and stay.
    [InlineData("XN--BCHER-KVA.ü", "xn--bcher-kva.xn--tda")]
    // Written from the right (RFC 5893): a digit may end a label, though not begin one.
    [InlineData("عربي1.test", "xn--1-0mc0a5a6f.test")]
    [InlineData("مثال.إختبار", "xn--mgbh0fb.xn--kgbechtv")]
    [InlineData("א1-2ב.test", "xn--1-2-ppei.test")]
    [InlineData("אב\u05B7", "xn--fdb3cd")]
    // Joiners stand where they change how letters join (RFC 5892, appendix A).
    [InlineData("نامه\u200Cای", "xn--mgba3gch31f060k")]
    [InlineData("www.ශ\u0DCA\u200Dරී.com", "www.xn--10cl1a0b660p.com")]
    [InlineData("क्\u200Cष", "xn--11b2ezcs70k")]
    public void A_name_has_one_form_in_ASCII(string name, string expected)
    {
        DomainName.ToAscii(name).ShouldBe(expected);
        DomainName.ToAscii(expected).ShouldBe(expected);
    }

    [Theory]
    // Characters that no name has, one that begins with a mark, and one that mapping would split.
    [InlineData("\uE000.test")]
    [InlineData("\u0378.test")]
    [InlineData("\uFFFD.test")]
    [InlineData("a\u2028b")]
    [InlineData("\u0308a.test")]
    [InlineData("a⒈com")]
    // Joiners where nothing joins.
    [InlineData("a\u200Cb")]
    [InlineData("a\u200Db")]
    [InlineData("ü\u200D.test")]
    // Written from the right: mixed with letters from the left, with both kinds of digits, or beside a label that begins with a digit.
    [InlineData("אa.test")]
    [InlineData("aא.test")]
    [InlineData("א-.test")]
    [InlineData("١א1.test")]
    [InlineData("א1١.test")]
    [InlineData("1א.test")]
    [InlineData("0à.א")]
    // Encoded labels that are not what encoding gives: of nothing, of ASCII, of what has to be composed, with rubbish, too large.
    [InlineData("xn--.ü")]
    [InlineData("xn--a-.ü")]
    [InlineData("xn--u-ccb.ü")]
    [InlineData("xn--a.ü")]
    [InlineData("xn--0.ü")]
    [InlineData("xn--99999999.ü")]
    [InlineData("xn--ü.test")]
    [InlineData("xn--ab-j1t.ü")]
    [InlineData("xn--xn--a--gua.ü")]
    public void What_is_no_name_has_none(string name) => DomainName.ToAscii(name).ShouldBeNull();

    [Fact]
    public void Every_name_is_read_to_an_end_and_its_form_is_its_own()
    {
        var character = Gen.OneOf(
            Gen.Char['a', 'z'].Select(c => $"{c}"), Gen.OneOf("xn--", "-", ".", "1", "ü", "u\u0308", "א", "١", "\u200C", "\u094D", "ß", "。", "\u00AD", "한", "Ａ"),
            Gen.Int[0x80, 0x10FFFF].Where(Rune.IsValid).Select(char.ConvertFromUtf32));
        character.Array[0, 12].Select(parts => string.Concat(parts)).Sample(
            name =>
            {
                if (DomainName.ToAscii(name) is { } ascii)
                {
                    Ascii.IsValid(ascii).ShouldBeTrue();
                    DomainName.ToAscii(ascii).ShouldBe(ascii);
                }
            },
            iter: 3000);
    }

    [Fact]
    public void What_is_too_long_for_a_name_is_none()
    {
        DomainName.ToAscii(new string('ü', 100_000)).ShouldBeNull();
        DomainName.ToAscii("ü" + new string('a', 63)).ShouldBeNull();
        DomainName.ToAscii("xn--" + new string('a', 3000) + ".ü").ShouldBeNull();
    }
}
