using Fetcher.Compare;

namespace Fetcher.Tests.Compare;

public sealed class SweepTextTests
{
    [Theory]
    [InlineData("concurrency=10,100,1000", "concurrency", new double[] { 10, 100, 1000 })]
    [InlineData("loops=1,2", "loops", new double[] { 1, 2 })]
    [InlineData("count=1", "count", new double[] { 1 })]
    [InlineData("cpu-burst=0,0.5", "cpu-burst", new[] { 0, 0.5 })]
    [InlineData("idle=0,1000", "idle", new double[] { 0, 1000 })]
    [InlineData("body=0,64k,1M", "body", new double[] { 0, 65_536, 1_048_576 })]
    [InlineData("delay=250,0", "delay", new double[] { 250, 0 })]
    [InlineData("http=1.1,2", "http", new[] { 1.1, 2 })]
    [InlineData("window=64K,1M", "window", new double[] { 65_536, 1_048_576 })]
    public void A_name_and_its_values_are_read(string text, string name, double[] values)
    {
        var sweep = SweepText.Parse(text);

        sweep.Name.ShouldBe(name);
        sweep.Values.ShouldBe(values);
    }

    [Theory]
    [InlineData("concurrency", "'concurrency' has no values, e.g. concurrency=10,100,1000")]
    [InlineData("weather=1,2", "'weather' is nothing that can be swept: concurrency, loops, count, cpu-burst, idle, http, window, body, delay are")]
    [InlineData("count=1,,2", "'count=1,,2' has an empty value, e.g. concurrency=10,100,1000")]
    [InlineData("count=", "'count=' has an empty value, e.g. concurrency=10,100,1000")]
    [InlineData("concurrency=0", "'0' is not a whole number from 1 to 2147483647")]
    [InlineData("concurrency=ten", "'ten' is not a whole number from 1 to 2147483647")]
    [InlineData("idle=-1", "'-1' is not a whole number from 0 to 2147483647")]
    [InlineData("body=much", "'much' is not a number of bytes, e.g. 5000, 64k, 10M or 1G")]
    [InlineData("window=5", "'5' is not from 1k to 2147483647")]
    [InlineData("http=3", "'3' is none of 1.0, 1.1 and 2")]
    [InlineData("count=5,5", "'count=5,5' has a value twice")]
    public void What_is_wrong_is_said_in_a_sentence(string text, string problem) =>
        Should.Throw<FormatException>(() => SweepText.Parse(text)).Message.ShouldBe(problem);

    [Theory]
    [InlineData("body=65536", "64 KiB")]
    [InlineData("body=1500000", "1.43 MiB")]
    [InlineData("delay=250", "250 ms")]
    [InlineData("cpu-burst=0.5", "0.5 ms")]
    [InlineData("concurrency=1000", "1000")]
    [InlineData("window=65536", "64 KiB")]
    [InlineData("http=1.0", "1.0")]
    [InlineData("http=1.1", "1.1")]
    [InlineData("http=2", "2")]
    public void A_value_is_told_with_its_unit(string text, string told)
    {
        var sweep = SweepText.Parse(text);

        sweep.ValueText(sweep.Values.Single()).ShouldBe(told);
    }

    [Theory]
    [InlineData("concurrency", 100, "--concurrency=100")]
    [InlineData("loops", 2, "--loops=2")]
    [InlineData("cpu-burst", 0.5, "--cpu-burst=0.5")]
    [InlineData("idle", 1000, "--idle=1000")]
    [InlineData("window", 65536, "--http2-window=65536")]
    [InlineData("http", 1.0, "--http1.0")]
    [InlineData("http", 1.1, "--http1.1")]
    [InlineData("http", 2.0, "--http2")]
    [InlineData("body", 1000, null)]
    [InlineData("delay", 1000, null)]
    public void A_value_becomes_an_argument_of_the_round_unless_it_is_the_labs(string name, double value, string? argument) =>
        SweepText.Argument(name, value).ShouldBe(argument);
}
