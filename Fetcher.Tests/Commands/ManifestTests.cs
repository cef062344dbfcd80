using System.Text.RegularExpressions;
using Fetcher.Commands;
using Fetcher.Core;

namespace Fetcher.Tests.Commands;

/// <summary>The files for machines (docs/machines) name this version, and command lines that are right.</summary>
public sealed partial class ManifestTests
{
    private static readonly string[] Queue = ["--queue", "redis://127.0.0.1:1/job"];

    [Fact]
    public async Task Every_command_line_of_the_Kubernetes_manifest_is_right()
    {
        var containers = Container().Matches(Read("kubernetes.yaml")).ToArray();

        containers.Select(container => container.Groups["version"].Value).Distinct().ShouldBe([ThisAssembly.Version]);
        Read("Dockerfile").ShouldContain($"fetcher:{ThisAssembly.Version} ");
        string[][] lines = [.. containers.Select(container => Word().Matches(container.Groups["args"].Value).Select(word => word.Groups[1].Value).ToArray())];
        lines.Select(line => line[0]).ShouldBe(["worker", "enqueue", "collect"]);
        foreach (var line in lines)
        {
            await ShouldBeRightAsync(line);
        }
    }

    [Fact]
    public async Task The_command_line_of_the_systemd_unit_is_right()
    {
        var line = Read("fetcher-worker.service").Split('\n').Single(line => line.StartsWith("ExecStart=/usr/local/bin/fetcher ", StringComparison.Ordinal)).Split(' ')[1..];

        line.ShouldContain("@${CREDENTIALS_DIRECTORY}/queue");
        await ShouldBeRightAsync([.. line.Where(word => word is not "--queue" && !word.StartsWith('@'))]);
    }

    private static async Task ShouldBeRightAsync(string[] line)
    {
        var ran = await CommandLineTesting.RunAsync(
            [.. line, .. Queue],
            [
                new Subcommand("worker", "", () => WorkerCommand.Create(CommandLineTesting.Modes, (_, _, _) => Task.FromResult(0))),
                new Subcommand("enqueue", "", () => EnqueueCommand.Create(CommandLineTesting.Modes, (_, _, _) => Task.FromResult(0))),
                new Subcommand("collect", "", () => CollectCommand.Create(CommandLineTesting.Modes)),
            ]);

        // collect goes on to the engine, which is not there.
        ran.Error.ShouldBe(line[0] == "collect" ? "fetcher: the queue redis://127.0.0.1:1/job cannot be used: nobody answers there\nSee 'fetcher collect --help'.\n" : "");
        ran.ExitStatus.ShouldBe(line[0] == "collect" ? 2 : 0);
    }

    private static string Read(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "../../../../docs/machines", name));

    [GeneratedRegex("""image: fetcher:(?<version>\S+)\n\s+args: \[(?<args>[^\]]+)\]""")]
    private static partial Regex Container();

    [GeneratedRegex("\"([^\"]*)\"")]
    private static partial Regex Word();
}
