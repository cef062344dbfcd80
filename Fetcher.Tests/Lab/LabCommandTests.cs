using System.Diagnostics;
using Fetcher.Commands;
using Fetcher.Lab;

namespace Fetcher.Tests.Lab;

public sealed class LabCommandTests
{
    [Fact]
    public void A_child_is_told_all_options()
    {
        var options = new LabOptions
        {
            HttpPort = 8080,
            HttpsPort = 8443,
            Http2Port = 8081,
            Body = 1L << 40,
            Delay = TimeSpan.FromMilliseconds(1.5),
            Pace = 0,
            Drip = new LabDrip(10, TimeSpan.FromMicroseconds(10)),
            Compress = true,
            RedirectToHttps = true,
            StandsInForSites = true,
        };

        ThroughTheCommandLine(options).ShouldBe(options);
        ThroughTheCommandLine(new LabOptions()).ShouldBe(new LabOptions { StandsInForSites = true });
        ThroughTheCommandLine(new LabOptions { Drip = new LabDrip(3) }).ShouldBe(new LabOptions { Drip = new LabDrip(3), StandsInForSites = true });
    }

    [Theory]
    [InlineData("--http-port", "65536")]
    [InlineData("--https-port", "-1")]
    [InlineData("--h2c-port", "x")]
    [InlineData("--body", "1x")]
    [InlineData("--body", "2000G")]
    [InlineData("--delay", "-1")]
    [InlineData("--pace", "fast")]
    [InlineData("--drip", "0")]
    [InlineData("--drip-interval", "NaN")]
    public void A_value_out_of_range_is_refused_by_the_options_name(string name, string value) =>
        LabCommand.Create().Parse([name, value]).Errors.Single().Message.ShouldStartWith($"{name}: '{value}' is ");

    [Fact]
    public void A_size_may_have_a_unit() => LabCommand.Options(LabCommand.Create().Parse(["--body", "2M"])).Body.ShouldBe(2 << 20);

    [Fact]
    public async Task The_help_tells_of_the_lab_and_not_of_the_child()
    {
        var (exitCode, output, _) = await RunAsync("--help");

        exitCode.ShouldBe(0);
        output.ShouldContain("--ca-out");
        output.ShouldNotContain("--child");
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_on_stderr_and_exits_with_2()
    {
        await using var origin = await LabOrigin.StartAsync(new LabOptions(), default);
        var (exitCode, output, error) = await RunAsync("--http-port", $"{origin.HttpPort}");

        exitCode.ShouldBe(2);
        error.ShouldContain($"127.0.0.1:{origin.HttpPort}");
        output.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_certificate_that_cannot_be_written_exits_with_2()
    {
        var (exitCode, _, error) = await RunAsync("--ca-out", "/dev/null/ca.pem");

        exitCode.ShouldBe(2);
        error.ShouldContain("/dev/null/ca.pem");
    }

    [Theory]
    [InlineData("INT", 130)]
    [InlineData("TERM", 143)]
    public async Task The_lab_says_where_it_listens_and_runs_until_a_signal(string signal, int exitCode)
    {
        var ca = Path.GetTempFileName();
        using var lab = Start("lab", "--ca-out", ca);
        try
        {
            var http = new Uri((await lab.StandardOutput.ReadLineAsync())!);
            var https = new Uri((await lab.StandardOutput.ReadLineAsync())!);
            var http2 = new Uri((await lab.StandardOutput.ReadLineAsync())!.Split(' ')[0]);
            using var client = LabClient.For(http.Port, https.Port, await File.ReadAllTextAsync(ca));
            using var plainHttp2 = LabClient.ForHttp2(http2.Port);

            (await client.GetStringAsync("http://h/get")).ShouldNotBeEmpty();
            (await client.GetStringAsync("https://h/get")).ShouldNotBeEmpty();
            (await plainHttp2.GetStringAsync("http://h/get")).ShouldNotBeEmpty();
            Signal(lab.Id, signal);
            await lab.WaitForExitAsync();
            lab.ExitCode.ShouldBe(exitCode);
            (await lab.StandardError.ReadToEndAsync()).ShouldBeEmpty();
        }
        finally
        {
            lab.Kill();
            File.Delete(ca);
        }
    }

    [Fact]
    public async Task A_child_leaves_signals_to_its_parent()
    {
        await using var lab = await LabCommand.StartChildAsync(new LabOptions(), default);
        using var client = LabClient.For(lab.HttpPort, lab.HttpsPort, lab.CaCertificatePem);
        Signal(lab.Id, "INT");
        Signal(lab.Id, "TERM");

        (await client.GetStringAsync("http://h/delay/0.1")).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task A_child_ends_when_its_parent_is_killed()
    {
        // The shell's first process stands for the parent: it holds the pipe's other end, and says which process it is.
        var (file, first) = LabProcess.Executable(Environment.ProcessPath, AppContext.BaseDirectory);
        string[] script = ["-c", "sh -c 'echo $$ >&2; exec sleep 600' | \"$0\" \"$@\"", file, .. first, "lab", "--child"];
        using var shell = Process.Start(
            new ProcessStartInfo("/bin/sh", script) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var parent = Process.GetProcessById(int.Parse((await shell.StandardError.ReadLineAsync())!, null));
        (await shell.StandardOutput.ReadLineAsync())!.ShouldStartWith("{\"http\":");

        parent.Kill();
        await shell.WaitForExitAsync();
        shell.ExitCode.ShouldBe(0);
        (await shell.StandardOutput.ReadToEndAsync()).ShouldBeEmpty();
    }

    private static async Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        Subcommand[] commands = [new("lab", LabCommand.Description, LabCommand.Create)];
        var exitCode = await CommandLine.RunAsync(["lab", .. arguments], LabCommand.Create, commands, output, error);
        return (exitCode, output.ToString(), error.ToString());
    }

    private static LabOptions ThroughTheCommandLine(LabOptions options)
    {
        var parsed = LabCommand.Create().Parse([.. LabCommand.ChildArguments(options).Skip(1)]);
        parsed.Errors.ShouldBeEmpty();
        return LabCommand.Options(parsed);
    }

    private static Process Start(params string[] arguments)
    {
        var (file, first) = LabProcess.Executable(Environment.ProcessPath, AppContext.BaseDirectory);
        return Process.Start(
            new ProcessStartInfo(file, [.. first, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
    }

    private static void Signal(int process, string signal)
    {
        using var kill = Process.Start("/bin/kill", [$"-{signal}", $"{process}"]);
        kill.WaitForExit();
        kill.ExitCode.ShouldBe(0);
    }
}
