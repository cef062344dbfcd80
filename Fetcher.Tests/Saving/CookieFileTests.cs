using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http.Cookies;
using Fetcher.Core.Saving;

namespace Fetcher.Tests.Saving;

/// <summary>Which lines of a file of cookies are taken: those that curl takes. A line that is none costs a warning.</summary>
public sealed class CookieFileTests : IDisposable
{
    private const string Good = "a.test\tFALSE\t/\tFALSE\t1999999999\tgood\t1";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_link_stays_one_and_what_is_no_file_is_written_as_it_is()
    {
        var jar = new CookieJar(TimeProvider.System);
        File.CreateSymbolicLink(_folder["link"], _folder["jar"]);
        File.CreateSymbolicLink(_folder["null"], "/dev/null");

        CookieFile.Write(_folder["link"], jar);
        CookieFile.Write(_folder["null"], jar);

        File.ReadAllText(_folder["jar"]).ShouldStartWith("# Netscape");
        new FileInfo(_folder["link"]).LinkTarget.ShouldBe(_folder["jar"]);
        new FileInfo(_folder["null"]).LinkTarget.ShouldBe("/dev/null");
        _folder.Files.ShouldBe(["jar", "link", "null"]);
    }

    [Theory]
    [InlineData("a.test\tFALSE\t/\tFALSE\t1999999999\tn\tv", "a.test / n=v 1999999999")]
    [InlineData(".a.test\tTRUE\t/\tTRUE\t0\tn\tv", ".a.test / n=v secure")]
    [InlineData("A.Test\tfalse\t/p\ttrue\t0\tn\tv", "a.test /p n=v secure")]
    [InlineData("#HttpOnly_a.test\tFALSE\t/\tFALSE\t0\tn\tv", "a.test / n=v http only")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn\tv\r", "a.test / n=v")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn\t v w ", "a.test / n= v w ")]
    [InlineData("a.test\tFALSE\tp\tFALSE\t0\tn\tv", "a.test / n=v")]
    // The value is empty, or there is a tab too many.
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn", "a.test / n=")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn\t", "a.test / n=")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn\tv\t", "a.test / n=v")]
    [InlineData("\ta.test\tFALSE\t\t/\tFALSE\t0\tn\tv", "a.test / n=v")]
    // There is no path.
    [InlineData("a.test\tFALSE\tFALSE\t0\tn\tv", "a.test / n=v")]
    // The end of its time.
    [InlineData("a.test\tFALSE\t/\tFALSE\t1999999999.123\tn\tv", "a.test / n=v 1999999999")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t 1999999999 \tn\tv", "a.test / n=v 1999999999")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t1999999999x\tn\tv", "a.test / n=v 1999999999")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t9223372036854775807\tn\tv", "a.test / n=v 253402300799")]
    // Fields as servers send them, when they say whose they are.
    [InlineData("Set-Cookie: n=v; Domain=a.test; Path=/p", ".a.test /p n=v")]
    [InlineData("set-cookie:n=v;domain=.a.test;secure;httponly", ".a.test / n=v secure http only")]
    [InlineData("Set-Cookie: n=v; domain=127.0.0.1", "127.0.0.1 / n=v")]
    // Neither a cookie nor worth a warning.
    [InlineData("", null)]
    [InlineData("# Netscape HTTP Cookie File", null)]
    [InlineData("#HttpOnly_# a comment", null)]
    [InlineData("\uFEFF# Netscape HTTP Cookie File", null)]
    public void A_line_that_curl_takes_is_taken(string line, string? expected)
    {
        var jar = Load(line + "\n" + Good + "\n");

        jar.Warnings.ShouldBeEmpty();
        jar.All.Select(Text).ShouldBe(expected is null ? [Text(GoodOne)] : [expected, Text(GoodOne)], ignoreOrder: true);
    }

    [Theory]
    [InlineData("a.test\tFALSE\t/\tFALSE\t-1\tn\tv")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t\tn\tv")]
    [InlineData("a.test\tFALSE\t/\tFALSE\tnever\tn\tv")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t9223372036854775808\tn\tv")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn\tv\tmore")]
    [InlineData("a.test FALSE / FALSE 0 n v")]
    [InlineData("   ")]
    [InlineData("\t\t\t\t\t\t")]
    [InlineData(".\tTRUE\t/\tFALSE\t0\tn\tv")]
    [InlineData("http://a.test/")]
    [InlineData("{\"name\": \"n\", \"value\": \"v\"}")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\tn\tv\u0001w")]
    [InlineData("a.test\tFALSE\t/\tFALSE\t0\t__Secure-n\tv")]
    [InlineData(".a.test\tTRUE\t/\tTRUE\t0\t__Host-n\tv")]
    [InlineData("Set-Cookie: n=v")]
    [InlineData("Set-Cookie: n=v; Domain=")]
    [InlineData("Set-Cookie: n=v; Domain=a b")]
    public void A_line_that_is_no_cookie_is_left_out_with_a_warning(string line)
    {
        var jar = Load(Good + "\n" + line + "\n");

        jar.All.Select(Text).ShouldBe([Text(GoodOne)]);
        jar.Warnings.ShouldBe([$"{_folder["jar"]}:2: this line is no cookie and was left out"]);
    }

    [Fact]
    public void Many_such_lines_are_one_warning_a_file()
    {
        File.WriteAllText(_folder["other"], "junk\n");

        var jar = Load("# ok\n\n\njunk\n" + Good + "\njunk\njunk", _folder["other"]);

        jar.All.Count.ShouldBe(1);
        jar.Warnings.ShouldBe(
        [
            $"{_folder["jar"]}: 3 lines are no cookies and were left out, the first of them line 4",
            $"{_folder["other"]}:1: this line is no cookie and was left out",
        ]);
    }

    [Fact]
    public void Bytes_that_are_no_text_are_left_out_like_other_junk()
    {
        var junk = new byte[100_000];
        new Random(1).NextBytes(junk);

        var jar = Load([.. Encoding.ASCII.GetBytes(Good + "\n"), .. junk, .. "\n"u8]);

        jar.All.Select(Text).ShouldContain(Text(GoodOne));
        jar.Warnings.Count.ShouldBe(1);
    }

    private static Cookie GoodOne => new("good", "1", "a.test", true, "/", false, false, DateTimeOffset.FromUnixTimeSeconds(1999999999));

    private static string Text(Cookie cookie) =>
        $"{(cookie.IsHostOnly ? "" : ".")}{cookie.Domain} {cookie.Path} {cookie.Name}={cookie.Value}"
        + (cookie.IsSecure ? " secure" : "") + (cookie.IsHttpOnly ? " http only" : "") + (cookie.Expires is { } end ? $" {end.ToUnixTimeSeconds()}" : "");

    private CookieJar Load(string text, params string[] more) => Load(Encoding.UTF8.GetBytes(text), more);

    private CookieJar Load(byte[] text, params string[] more)
    {
        File.WriteAllBytes(_folder["jar"], text);
        return CookieFile.Load(new FetchOptions { CookieFiles = [_folder["jar"], .. more] }, TimeProvider.System)!;
    }
}
