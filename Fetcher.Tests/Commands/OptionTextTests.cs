using Fetcher.Commands;
using Fetcher.Tests.Saving;

namespace Fetcher.Tests.Commands;

public sealed class OptionTextTests
{
    [Theory]
    [InlineData("20/s", 50)]
    [InlineData("0.5/s", 2000)]
    [InlineData("20/m", 3000)]
    [InlineData("3600/h", 1000)]
    public void A_rate_is_the_time_between_two_starts(string text, double milliseconds) =>
        OptionText.Rate(text).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("3/s")]
    [InlineData("7/m")]
    [InlineData("1000000000/s")]
    public void A_rate_is_never_exceeded(string text)
    {
        var starts = double.Parse(text[..^2], System.Globalization.CultureInfo.InvariantCulture);
        var unit = text[^1] == 's' ? TimeSpan.TicksPerSecond : TimeSpan.TicksPerMinute;

        (OptionText.Rate(text).Ticks * starts).ShouldBeGreaterThanOrEqualTo(unit);
    }

    [Theory]
    [InlineData("20", "'20' has no unit, and the unit is required, e.g. 20/s, 20/m or 20/h")]
    [InlineData("20/d", "'20/d' has no unit that is known: s, m and h are, e.g. 20/s")]
    [InlineData("20/", "'20/' has no unit that is known: s, m and h are, e.g. 20/s")]
    [InlineData("0/s", "'0/s' does not begin with a number of starts from 0.001 to 1000000000")]
    [InlineData("-1/s", "'-1/s' does not begin with a number of starts from 0.001 to 1000000000")]
    [InlineData("/s", "'/s' does not begin with a number of starts from 0.001 to 1000000000")]
    [InlineData("1e3/s", "'1e3/s' does not begin with a number of starts from 0.001 to 1000000000")]
    public void A_rate_without_its_unit_or_its_number_is_refused(string text, string message) =>
        Refusal(() => OptionText.Rate(text)).ShouldBe(message);

    [Theory]
    [InlineData("0.25", 250)]
    [InlineData("2", 2000)]
    [InlineData(".5", 500)]
    [InlineData("0", 0)]
    [InlineData("2147483", 2147483000)]
    public void Seconds_have_decimals(string text, double milliseconds) =>
        OptionText.Seconds(text).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));

    [Theory]
    [InlineData("")]
    [InlineData("-1")]
    [InlineData("1s")]
    [InlineData("1,5")]
    [InlineData("1e3")]
    [InlineData("NaN")]
    [InlineData("2147484")]
    public void Seconds_are_a_number_that_timers_can_hold(string text) =>
        Refusal(() => OptionText.Seconds(text)).ShouldBe($"'{text}' is not a number of seconds, e.g. 0.25, of at most 2147483");

    [Fact]
    public void A_limit_that_must_be_there_is_not_zero()
    {
        OptionText.PositiveSeconds("0.001").ShouldBe(TimeSpan.FromMilliseconds(1));
        Refusal(() => OptionText.PositiveSeconds("0")).ShouldBe("'0' is less than 0.001 seconds");
    }

    [Theory]
    [InlineData("5000", 5000L)]
    [InlineData("64k", 65536L)]
    [InlineData("10M", 10L << 20)]
    [InlineData("1g", 1L << 30)]
    [InlineData("2T", 2L << 40)]
    [InlineData("0", long.MaxValue)]
    [InlineData("9223372036854775807", long.MaxValue)]
    public void Bytes_have_the_suffixes_of_curl(string text, long expected) => OptionText.Bytes(text).ShouldBe(expected);

    [Theory]
    [InlineData("")]
    [InlineData("k")]
    [InlineData("-1")]
    [InlineData("1.5M")]
    [InlineData("1x")]
    [InlineData("9223372036854775808")]
    [InlineData("8388608T")]
    public void Bytes_are_a_whole_number_that_fits(string text) =>
        Refusal(() => OptionText.Bytes(text)).ShouldBe($"'{text}' is not a number of bytes, e.g. 5000, 64k, 10M or 1G");

    [Theory]
    [InlineData("Accept: text/html", "Accept", "text/html")]
    [InlineData("X-Time:12:30", "X-Time", "12:30")]
    [InlineData("X-Wide:  a b \t", "X-Wide", "a b")]
    [InlineData("X-Empty;", "X-Empty", "")]
    [InlineData("Accept:", "Accept", null)]
    [InlineData("Accept:  ", "Accept", null)]
    public void A_header_is_sent_or_sent_empty_or_left_out(string text, string name, string? value) =>
        OptionText.Header(text).ShouldBe(new HeaderChoice(name, value));

    [Fact]
    public void Nobody_is_no_user() => Refusal(() => OptionText.UserInfo("")).ShouldBe("it has no user name");

    [Fact]
    public void Headers_may_stand_in_a_file()
    {
        using var folder = new TempFolder();
        File.WriteAllText(folder["fields"], "Accept: text/html\r\nX-Empty;\n\nHost:");
        File.WriteAllText(folder["wrong"], "A: b\nsecret");

        OptionText.Headers("@" + folder["fields"]).ShouldBe([new("Accept", "text/html"), new("X-Empty", ""), new("Host", null)]);
        OptionText.Headers("Accept:").ShouldBe([new("Accept", null)]);
        Refusal(() => OptionText.Headers("@" + folder["wrong"])).ShouldBe($"{folder["wrong"]}:2: a header has a colon after its name, e.g. 'Accept: text/html'");
        Refusal(() => OptionText.Headers("@" + folder["none"])).ShouldBe($"there is no file '{folder["none"]}'");
    }

    [Theory]
    [InlineData("X: a\r\nEvil: 1", "a header must not have a line break or a NUL in it")]
    [InlineData("X: a\nEvil: 1", "a header must not have a line break or a NUL in it")]
    [InlineData("X: a\rb", "a header must not have a line break or a NUL in it")]
    [InlineData("X: a\0b", "a header must not have a line break or a NUL in it")]
    [InlineData(": a", "a header has a name, e.g. 'Accept: text/html'")]
    [InlineData(";", "a header has a name, e.g. 'Accept: text/html'")]
    [InlineData("", "a header has a colon after its name, e.g. 'Accept: text/html'")]
    [InlineData("Accept", "a header has a colon after its name, e.g. 'Accept: text/html'")]
    [InlineData("Accept : a", "the name of a header has only letters, digits and !#$%&'*+-.^_`|~ in it")]
    [InlineData("Täg: a", "the name of a header has only letters, digits and !#$%&'*+-.^_`|~ in it")]
    public void A_header_that_would_break_the_request_is_refused(string text, string message) =>
        Refusal(() => OptionText.Header(text)).ShouldBe(message);

    [Theory]
    [InlineData("0", 0)]
    [InlineData("10", 10)]
    [InlineData("-1", int.MaxValue)]
    public void Minus_one_is_no_limit(string text, int expected) => OptionText.CountOrNoLimit(text).ShouldBe(expected);

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.0")]
    [InlineData("two")]
    [InlineData("2147483648")]
    public void A_number_out_of_range_is_refused(string text) =>
        Refusal(() => OptionText.Integer(text, 1)).ShouldBe($"'{text}' is not a whole number from 1 to 2147483647");

    [Fact]
    public void A_mode_that_is_not_known_is_answered_with_those_that_are()
    {
        string[] known = ["async", "poll"];

        OptionText.Mode("poll", known).ShouldBe("poll");
        OptionText.Mode("epoll", known).ShouldBe("async");
        Refusal(() => OptionText.Mode("magic", known)).ShouldBe("'magic' is no mode; the modes are async, poll");
    }

    private static string Refusal<T>(Func<T> parse) => Should.Throw<FormatException>(() => parse()).Message;
}
