using System.Text.Json;
using Fetcher.Tests.Testing;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The main job, against the lab in a process of its own: what the README promises.</summary>
public sealed class LabTests
{
    private const string Sites = "http://www.foxnews.com/\nhttps://www.cnn.com/\nhttp://www.bbc.co.uk/\n";

    [Fact]
    public async Task Both_modes_fetch_all_and_blocking_read_takes_many_times_as_long()
    {
        // A machine that is busy adds to both, which hides the ratio: one of three pairs has to show it.
        var ratio = 0d;
        for (var pair = 0; pair < 3 && ratio < 2; pair++)
        {
            var async = await RunAsync("async");
            var blocking = await RunAsync("blocking-read");

            async.GetProperty("ok").GetInt32().ShouldBe(9);
            blocking.GetProperty("ok").GetInt32().ShouldBe(9);
            ratio = Math.Max(ratio, blocking.GetProperty("wall").GetDouble() / async.GetProperty("wall").GetDouble());
        }

        ratio.ShouldBeGreaterThan(2);
    }

    private static async Task<JsonElement> RunAsync(string mode)
    {
        var ran = await FetcherProcess.RunAsync(Sites, ["-", "--count", "3", "--lab", "--mode", mode, "--format", "json"]);
        return JsonDocument.Parse(ran.Output).RootElement.GetProperty("summary");
    }
}
