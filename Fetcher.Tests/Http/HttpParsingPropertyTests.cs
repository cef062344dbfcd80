using System.Text;
using CsCheck;
using Fetcher.Core.Http;

namespace Fetcher.Tests.Http;

/// <summary>What must hold for every input. The bytes are biased towards those that mean something to HTTP.</summary>
public sealed class HttpParsingPropertyTests
{
    private const int Iterations = 3000;

    private static readonly Gen<byte> HttpByte = Gen.Frequency(
        (4, Gen.OneOf("\r\n :;,/0159aAfF-.%@[]?#\t\0"u8.ToArray())),
        (1, Gen.Byte));

    private static readonly Gen<string> Piece = Gen.OneOf(
        "HTTP/1.1 200 OK", "HTTP/1.0 404 ", "HTTP/1.1 204", "HTTP/1.1 ", "\r\n", "\r\n", "\r\n", "\n", "\r", " ", "\t", ":", "A: b",
        "Content-Length: 5", "Content-Length:", "Transfer-Encoding: chunked", "Connection: close", "Content-Encoding: gzip", "5", ",", "\0",
        "\u00e9", "5\r\nhello\r\n", "0\r\n", "http://", "https://", "example.com", "127.0.0.1", "[::1]", ":8080", "/a/../b", "?q", "#f",
        "user@", "b\u00fccher", "%20");

    private static readonly Gen<byte[]> Input = Gen.OneOf(
        HttpByte.Array[0, 80],
        Piece.Array[0, 12].Select(pieces => Encoding.Latin1.GetBytes(string.Concat(pieces))));

    private static readonly Gen<int[]> Cuts = Gen.Int[0, 1000].Array[0, 6];

    private static readonly Gen<string> Token = Text("!#$%&'*+-.^_`|~0129abcxyzABCXYZ", 1, 12).Select(text => "x" + text);

    private static readonly Gen<string> Value = Text("abc 019,;=\"\t/()\u00e9\u00ff", 0, 20).Select(text => text.Trim(' ', '\t'));

    private static readonly Gen<(string Name, string Value)[]> Fields = Gen.Select(Token, Value).Array[0, 30];

    private static readonly Gen<string[]> Chunks = Text("ab\r\n0;", 1, 40).Array[0, 10];

    [Fact]
    public void Any_bytes_are_judged_the_same_however_they_are_cut() =>
        Gen.Select(Input, Cuts, Gen.Bool, Gen.Bool).Sample((data, cuts, prefixed, isHead) =>
        {
            data = prefixed ? [.. "HTTP/1.1 200 OK\r\n"u8, .. data] : data;
            var expected = HeadJudge.Judge(data, isHead);
            var ends = cuts.Select(cut => cut % (data.Length + 1)).Order();
            HeadJudge.JudgeInPieces(data, ends, resume: true, isHead).ShouldBe(expected);
            HeadJudge.JudgeInPieces(data, Enumerable.Range(1, data.Length), resume: true, isHead).ShouldBe(expected);
        }, iter: Iterations);

    [Fact]
    public void Any_chunked_bytes_are_judged_the_same_however_they_are_cut() =>
        Gen.Select(Input, Cuts, Gen.Bool).Sample((data, cuts, prefixed) =>
        {
            data = prefixed ? [.. "3\r\nabc\r\n"u8, .. data] : data;
            var expected = ChunkJudge.Judge(data);
            ChunkJudge.Judge(data, cuts.Select(cut => cut % (data.Length + 1)).Order()).ShouldBe(expected);
            ChunkJudge.Judge(data, Enumerable.Range(1, data.Length)).ShouldBe(expected);
        }, iter: Iterations);

    [Fact]
    public void A_lawful_head_comes_back_as_it_was_written() =>
        Gen.Select(Gen.Int[200, 599], Value, Fields, Gen.Long[0, long.MaxValue]).Sample((status, phrase, fields, length) =>
        {
            status = status is 204 or 304 ? 200 : status;
            var text = new StringBuilder($"HTTP/1.1 {status} {phrase}\r\n");
            foreach (var (name, value) in fields)
            {
                text.Append($"{name}: {value}\r\n");
            }

            var data = Encoding.Latin1.GetBytes(text.Append($"Content-Length:{length}\r\n\r\nbody").ToString());
            var head = new ResponseHead();
            ResponseParser.Parse(data, false, head, out var consumed, out var reason).ShouldBe(ParseStatus.Complete, reason);
            consumed.ShouldBe(data.Length - 4);
            head.Raw.SequenceEqual(data.AsSpan(0, consumed)).ShouldBeTrue();
            head.Status.ShouldBe(status);
            Encoding.Latin1.GetString(head.ReasonPhrase).ShouldBe(phrase);
            head.Framing.ShouldBe(BodyFraming.ContentLength);
            head.ContentLength.ShouldBe(length);
            head.KeepAlive.ShouldBeTrue();
            head.FieldCount.ShouldBe(fields.Length + 1);
            for (var i = 0; i < fields.Length; i++)
            {
                Encoding.Latin1.GetString(head.NameAt(i)).ShouldBe(fields[i].Name);
                Encoding.Latin1.GetString(head.ValueAt(i)).ShouldBe(fields[i].Value);
            }
        }, iter: Iterations);

    [Fact]
    public void A_body_comes_back_as_it_was_chunked() =>
        Gen.Select(Chunks, Cuts, Gen.Bool).Sample((chunks, cuts, upper) =>
        {
            var text = new StringBuilder();
            foreach (var chunk in chunks)
            {
                var size = upper ? $"{chunk.Length:X};e" : $"{chunk.Length:x3}";
                text.Append($"{size}\r\n{chunk}\r\n");
            }

            var data = Encoding.Latin1.GetBytes(text.Append(upper ? "0\r\nT: t\r\n\r\n" : "0\r\n\r\n").ToString());
            ChunkJudge.Judge(data, cuts.Select(cut => cut % (data.Length + 1)).Order()).ShouldBe(string.Concat(chunks));
        }, iter: Iterations);

    [Fact]
    public void A_URL_that_is_accepted_is_normal_already_the_second_time_and_holds_visible_ASCII_only() =>
        Gen.Select(Input, Gen.OneOf("", "http://", "http://a/", "http://a:")).Sample((data, prefix) =>
        {
            var url = new HttpUrl();
            if (!url.TryParse([.. Encoding.ASCII.GetBytes(prefix), .. data], out var reason))
            {
                reason.ShouldNotBeNullOrEmpty();
                return;
            }

            var text = url.ToString();
            text.ShouldAllBe(c => c > ' ' && c < 0x7F);
            text.ShouldNotContain("#");
            url.PathAndQuery[0].ShouldBe((byte)'/');
            url.Port.ShouldBeInRange(1, 65535);
            var again = new HttpUrl();
            again.TryParse(Encoding.ASCII.GetBytes(text), out reason).ShouldBeTrue(reason);
            again.ToString().ShouldBe(text);
            again.Port.ShouldBe(url.Port);
            again.HostString.ShouldBe(url.HostString);
        }, iter: Iterations);

    [Fact]
    public void Any_reference_resolves_to_a_lawful_URL_or_is_refused() =>
        Gen.Select(Input, Gen.OneOf("http://a", "https://user@a:81/b/c?d", "http://[::1]/../x")).Sample((reference, baseText) =>
        {
            var url = new HttpUrl();
            url.TryParse(Encoding.ASCII.GetBytes(baseText), out _).ShouldBeTrue();
            var accepted = url.TryResolve(url, reference, out var reason);
            (reason is null).ShouldBe(accepted);
            if (accepted)
            {
                new HttpUrl().TryParse(Encoding.ASCII.GetBytes(url.ToString()), out reason).ShouldBeTrue(reason);
            }
        }, iter: Iterations);

    [Fact]
    public void A_name_is_known_in_any_case_and_no_other_name_is() =>
        Gen.Select(Gen.Byte[0, 127].Array[0, 40], Gen.Int[0, 39], Gen.Byte).Sample((known, place, byteThere) =>
        {
            var (upper, lower) = (Encoding.Latin1.GetBytes(Case(known, char.ToUpperInvariant)), Encoding.Latin1.GetBytes(Case(known, char.ToLowerInvariant)));
            HttpGrammar.IsName(upper, lower).ShouldBeTrue();
            HttpGrammar.IsName(lower, upper).ShouldBeTrue();
            byte[] changed = [.. known];
            if (place < known.Length)
            {
                // Often one that differs by the bit that tells the cases of letters apart.
                changed[place] = byteThere < 128 ? (byte)(known[place] ^ 0x20) : byteThere;
            }

            HttpGrammar.IsName(changed, known).ShouldBe(Case(changed, char.ToLowerInvariant) == Case(known, char.ToLowerInvariant));
            HttpGrammar.IsName([.. known, 1], known).ShouldBeFalse();
        }, iter: Iterations);

    private static string Case(byte[] bytes, Func<char, char> change) => string.Concat(bytes.Select(b => b < 128 ? change((char)b) : (char)b));

    private static Gen<string> Text(string characters, int minLength, int maxLength) =>
        Gen.Char[characters].Array[minLength, maxLength].Select(chars => new string(chars));
}
