using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>User names and passwords are sent to servers and printed nowhere. Only an archive of the exchanges has them.</summary>
public sealed class SecretsInReportsTests
{
    [Theory]
    [InlineData("table")]
    [InlineData("ndjson")]
    [InlineData("json")]
    [InlineData("csv")]
    [InlineData("markdown")]
    [InlineData("html")]
    [InlineData("har")]
    [InlineData("trace")]
    public async Task No_report_of_a_run_has_them(string format)
    {
        using var folder = new TempFolder();
        await using var server = Redirecting();

        var ran = await FetcherProcess.RunAsync(
        [
            WithUser(server.Url("/a")), WithUser("http://127.0.0.1:1/"), "http://me:hunter2@", "-v", "--retry", "0", "--format", format,
            "-H", "Cookie: hunter2", "--journal", folder["journal"],
        ]);

        server.Requests.ShouldContain(request => request.Contains("Authorization: Basic ", StringComparison.Ordinal));
        (ran.Output + ran.Error + await File.ReadAllTextAsync(folder["journal"])).ShouldNotContain("hunter2");
        ran.Output.ShouldNotBeEmpty();
    }

    [Fact]
    public async Task Neither_has_what_is_only_planned()
    {
        var ran = await FetcherProcess.RunAsync(WithUser("http://127.0.0.1:1/{a,b}"), "http://me:hunter2@", "--dry-run");

        (ran.Output + ran.Error).ShouldNotContain("hunter2");
        ran.Lines.Length.ShouldBe(2);
    }

    [Fact]
    public async Task Nor_has_a_comparison()
    {
        using var folder = new TempFolder();
        await using var server = Redirecting();
        string[] reports = [folder["c.html"], folder["c.json"], folder["c.md"], folder["c.csv"], folder["c.ndjson"]];

        var ran = await FetcherProcess.RunAsync(
            ["compare", WithUser(server.Url("/a")), "--runs", "1", "--warmup", "0", .. reports.SelectMany(path => new[] { "--report", path })]);

        ran.ExitCode.ShouldBe(0, ran.Error);
        (ran.Output + ran.Error + string.Concat(reports.Select(File.ReadAllText))).ShouldNotContain("hunter2");
    }

    /// <summary>Sends /a to /b, with a user and password in the Location field.</summary>
    private static ScriptedServer Redirecting() => new(async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            var host = request.Split("\r\n").First(line => line.StartsWith("Host: ", StringComparison.Ordinal))["Host: ".Length..];
            await connection.SendAsync(request.StartsWith("GET /a ", StringComparison.Ordinal)
                ? Response("302 Found", fields: $"Location: http://me:hunter2@{host}/b\r\n")
                : Ok());
        }
    });

    private static string WithUser(string url) => url.Replace("://", "://me:hunter2@", StringComparison.Ordinal);
}
