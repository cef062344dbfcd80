using System.Text.Json;
using Fetcher.Tests.Reports;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>The kinds of failure that <see cref="ResultContractTests"/> has not, since each needs a run of its own: their results and curl's exit codes.</summary>
public sealed class FailureContractTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_request_that_the_server_does_not_take()
    {
        // More than the buffers of a connection hold, so that the request is still on its way when the connection breaks.
        await File.WriteAllLinesAsync(_folder["fields"], Enumerable.Repeat("X: " + new string('x', 100_000), 200));
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadByteAsync();
            connection.Reset();
        });

        await FailsAsync("send", 55, server.Url(), "-H", "@" + _folder["fields"]);
    }

    [Fact]
    public async Task A_body_that_cannot_be_saved()
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        Directory.CreateDirectory(_folder["out"]);
        using var disk = TinyDisk.Mount(_folder["out"], "64k,ro");

        await FailsAsync("write", 23, server.Url("/a/b"), "--output-dir", _folder["out"], "--output-template", "{path}/{name}");
    }

    [Fact]
    public Task A_proxy_whose_name_is_unknown() => FailsAsync("proxy", 5, "http://127.0.0.1:1/", "-x", "http://nosuch.invalid:3128");

    [Fact]
    public async Task A_proxy_that_refuses()
    {
        await using var proxy = new ScriptedServer(ProxyScripts.Socks(0, reply: 2));

        await FailsAsync("proxy", 97, "http://a.test/", "-x", $"socks5h://127.0.0.1:{proxy.Port}");
    }

    [Fact]
    public async Task A_run_that_is_stopped()
    {
        await using var server = new ScriptedServer(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.HoldAsync();
        });
        using var process = Start(server.Url(), "--grace", "0.05");
        await ModeRun.UntilAsync(() => server.Requests.Count > 0);

        process.Signal("INT");

        await FailedAsync(process, "cancelled", 42, exitStatus: 130);
    }

    private static async Task FailsAsync(string kind, int exitCode, params string[] arguments)
    {
        using var process = Start(arguments);
        await FailedAsync(process, kind, exitCode, exitStatus: 1);
    }

    private static async Task FailedAsync(System.Diagnostics.Process process, string kind, int exitCode, int exitStatus)
    {
        var line = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        process.ExitCode.ShouldBe(exitStatus);
        var result = JsonDocument.Parse(line).RootElement;
        (result.GetProperty("ok").GetBoolean(), result.GetProperty("error").GetProperty("kind").GetString(), result.GetProperty("exitcode").GetInt32())
            .ShouldBe((false, kind, exitCode));
        SchemaTests.ProblemsOfLine(line).ShouldBeEmpty();
    }

    private static System.Diagnostics.Process Start(params string[] arguments)
    {
        // The look-up of a name that is nowhere is not to wait for servers that are not there.
        var process = FetcherProcess.Start([.. arguments, "--retry", "0", "--format", "ndjson"], ("RES_OPTIONS", "timeout:1 attempts:1"));
        process.StandardInput.Close();
        return process;
    }
}
