using System.Text.Json;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The main job, against the lab in a process of its own: what the README promises.</summary>
public sealed class LabTests
{
    private const string Sites = "http://www.foxnews.com/\nhttps://www.cnn.com/\nhttp://www.bbc.co.uk/\n";

    private const decimal Rounding = 0.00001m;

    /// <summary>Why blocking-read takes many times as long. How many times, a busy machine hides; the order of things it does not change.</summary>
    [Theory]
    [InlineData("async", false)]
    [InlineData("blocking-read", true)]
    public async Task Both_modes_fetch_all_and_blocking_read_receives_one_body_after_the_other(string mode, bool oneAfterTheOther)
    {
        // Over HTTP/2 the first bytes of other bodies come in the bytes that one body is waited for with, up to their windows.
        var ran = await FetcherProcess.RunAsync(Sites, ["-", "--count", "3", "--lab", "--http1.1", "--mode", mode, "--format", "ndjson"]);

        var results = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToArray();
        results.Count(result => result.GetProperty("ok").GetBoolean()).ShouldBe(9, ran.Error);
        var bodies = results.Select(BodyOf).OrderBy(body => body.From).ToArray();
        bodies.Zip(bodies.Skip(1)).All(pair => pair.First.To <= pair.Second.From + Rounding).ShouldBe(oneAfterTheOther);
    }

    /// <summary>From when until when a body was received, in seconds from the start of the run.</summary>
    private static (decimal From, decimal To) BodyOf(JsonElement result)
    {
        var start = Seconds("start");
        return (start + Seconds("time_starttransfer"), start + Seconds("time_total"));

        decimal Seconds(string name) => result.GetProperty(name).GetDecimal();
    }
}
