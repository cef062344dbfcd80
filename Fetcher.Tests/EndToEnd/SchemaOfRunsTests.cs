using System.Text.Json;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>What the program really prints holds to the published schema, run after run over the same folder and journal.</summary>
public sealed class SchemaOfRunsTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Saved_resumed_skipped_revalidated_and_watched_results_are_as_the_schema_says()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            while (await connection.ReadRequestAsync() is { } request)
            {
                await connection.SendAsync(request.Contains("If-None-Match", StringComparison.Ordinal)
                    ? "HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n"
                    : Ok("hello", "ETag: \"1\"\r\nContent-Type: text/plain\r\n"));
            }
        });
        await File.WriteAllLinesAsync(
            _folder["urls"], [server.Url("/a"), $$"""{"url":"{{server.Url("/b")}}","id":7}""", $$"""{"url":"{{server.Url("/c")}}","id":"c","method":"HEAD"}"""]);
        string[] saving = ["--output-dir", _folder["out"], "--sha256"], journal = ["--journal", _folder["journal"]];

        await HoldsAsync(skipped: 0, [.. saving, .. journal]);
        await HoldsAsync(skipped: 3, [.. saving, .. journal]);
        await HoldsAsync(skipped: 2, [.. saving, "--skip-existing"]);
        await HoldsAsync(skipped: 0, [.. saving, "--revalidate", _folder["journal"]]);
        await HoldsAsync(skipped: 0, "--stalls", "--mode", "blocking-read");
        await HoldsAsync(skipped: 0, "--mode", "httpclient", "-u", "me:pw", "-H", "X: y", "--rate", "1000/s", "-m", "60", "-b", "a=b", "--loops", "2");
    }

    /// <summary>Runs the list, and checks its ndjson and its JSON.</summary>
    private async Task HoldsAsync(int skipped, params string[] options)
    {
        File.Delete(_folder["report.json"]);
        var ran = await FetcherProcess.RunAsync([_folder["urls"], .. options, "--format", "ndjson", "--report", _folder["report.json"]]);

        ran.ExitCode.ShouldBe(0, ran.Error);
        ran.Lines.Length.ShouldBe(3);
        ran.Lines.SelectMany(SchemaTests.ProblemsOfLine).ShouldBeEmpty();
        var report = await File.ReadAllTextAsync(_folder["report.json"]);
        SchemaTests.ProblemsOfReport(report).ShouldBeEmpty();
        JsonDocument.Parse(report).RootElement.GetProperty("summary").GetProperty("skipped").GetInt32().ShouldBe(skipped);
    }
}
