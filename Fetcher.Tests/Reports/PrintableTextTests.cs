using Fetcher.Core.Reports;

namespace Fetcher.Tests.Reports;

public sealed class PrintableTextTests
{
    [Theory]
    [InlineData("http://a/?q=1", "http://a/?q=1")]
    [InlineData("é€😀 日本", "é€😀 日本")]
    [InlineData("\u001b[31m\a\r\n\t\u007f", @"\u{1b}[31m\u{7}\u{d}\u{a}\u{9}\u{7f}")]
    [InlineData("\u009b31m", @"\u{9b}31m")]
    [InlineData("a\u202eb\u200bc\u2028d\ufeff", @"a\u{202e}b\u{200b}c\u{2028}d\u{feff}")]
    [InlineData("\ue000", @"\u{e000}")]
    public void What_a_terminal_would_obey_or_hide_is_spelt_out(string text, string printable) =>
        PrintableText.Of(text).ShouldBe(printable);

    [Fact]
    public void A_lone_surrogate_becomes_U_FFFD() => PrintableText.Of("\ud800").ShouldBe("\ufffd");
}
