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
        var async = await RunAsync("async");
        var blocking = await RunAsync("blocking-read");

        async.GetProperty("ok").GetInt32().ShouldBe(9);
        blocking.GetProperty("ok").GetInt32().ShouldBe(9);
        blocking.GetProperty("wall").GetDouble().ShouldBeGreaterThan(2 * async.GetProperty("wall").GetDouble());
    }

    private static async Task<JsonElement> RunAsync(string mode)
    {
        var ran = await FetcherProcess.RunAsync(Sites, ["-", "--count", "3", "--lab", "--mode", mode, "--format", "json"]);
        return JsonDocument.Parse(ran.Output).RootElement.GetProperty("summary");
    }
}
