using System.Text;
using Fetcher.Core.Saving;

namespace Fetcher.Tests.Saving;

public sealed class ContentDispositionTests
{
    [Theory]
    [InlineData("attachment; filename=a.txt", "a.txt")]
    [InlineData("attachment;FileName = \"a b.txt\" ; x=y", "a b.txt")]
    [InlineData("inline; filename=\"a\\\"b\\\\c;d.txt\"", "c;d.txt")]
    [InlineData("attachment; filename=\"plain.txt\"; filename*=UTF-8'en'%e2%82%ac%20rates.txt", "€ rates.txt")]
    [InlineData("attachment; filename*=iso-8859-1''%A3.txt; filename=plain.txt", "£.txt")]
    [InlineData("attachment; filename*=KOI8-R''%A3.txt; filename=plain.txt", "plain.txt")]
    [InlineData("attachment; filename=\"../../etc/passwd\"", "passwd")]
    [InlineData("attachment; filename=\"C:\\dir\\a.exe\"", "a.exe")]
    [InlineData("attachment; filename*=UTF-8''..%2F..%2Fa", "a")]
    [InlineData("attachment; filename=\"..\"", "__")]
    [InlineData("attachment; filename=\"a\u0001b\"", "a_b")]
    [InlineData("attachment; filename=\".fetcher-1.tmp\"", "_.fetcher-1.tmp")]
    [InlineData("attachment; filename=\"a/\"", null)]
    [InlineData("attachment; filename=\"\"", null)]
    [InlineData("attachment; filename", null)]
    [InlineData("attachment", null)]
    [InlineData("", null)]
    [InlineData("attachment; filename=\"open", "open")]
    [InlineData("attachment; xfilename=no; filename=é.txt", "é.txt")]
    public void The_name_is_the_servers_and_safe(string field, string? name) => ContentDisposition.NameOf(Encoding.UTF8.GetBytes(field)).ShouldBe(name);

    [Fact]
    public void Bytes_that_are_not_UTF_8_are_Latin_1() => ContentDisposition.NameOf(Encoding.Latin1.GetBytes("attachment; filename=\"\u00e9\"")).ShouldBe("é");
}
