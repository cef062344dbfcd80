using Fetcher.Commands;
using Fetcher.Tests.Reports;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

/// <summary>Whoever reads a JSON report learns how the run was fetched: what is given on the command line shows in run.options.</summary>
public sealed class ReportedOptionsTests : IDisposable
{
    /// <summary>The options that change no URL's fetch, or show elsewhere (docs/reports.md).</summary>
    private static readonly Dictionary<string, string> Elsewhere = new()
    {
        ["--mode"] = "run.mode",
        ["--count"] = "run.count",
        ["--lab"] = "run.network",
        ["--globoff"] = "how the sources in run.sources are read",
        ["--dedupe"] = "which lines of the sources are fetched",
        ["--default-scheme"] = "how the sources in run.sources are read",
        ["--location"] = "the default",
        ["--tlsv1.2"] = "the default",
        ["--grace"] = "what happens after a signal",
    };

    /// <summary>Groups whose options are about what is told, who fetches, or where options come from.</summary>
    private static readonly string[] OtherGroups = ["Output", "Queue", "Configuration"];

    private readonly string _file = Path.GetTempFileName();
    private readonly string _otherFile = Path.GetTempFileName();

    public static TheoryData<string> Options =>
        [.. Command().Groups.Where(group => !OtherGroups.Contains(group.Title)).SelectMany(group => group.Options).Select(option => option.Name).Except(Elsewhere.Keys)];

    public void Dispose()
    {
        File.Delete(_file);
        File.Delete(_otherFile);
    }

    [Theory]
    [MemberData(nameof(Options))]
    public async Task An_option_that_is_given_shows(string name)
    {
        // What some options need to be allowed, or to have an effect.
        string[] others = ["u", "-x", "proxy", "--cert", _file, "--output-dir", "folder", "--warc", "x.warc"];
        var without = RunOptionsTests.Json((await InvocationAsync(others)).Options);

        var option = Command().Options.Single(option => option.Name == name);
        var withIt = new List<string>();
        foreach (var value in option.HelpName is null ? [] : ValuesOf(option.HelpName))
        {
            withIt.Add(RunOptionsTests.Json((await InvocationAsync([.. others, $"{name}={value}"])).Options));
        }

        if (option.HelpName is null)
        {
            withIt.Add(RunOptionsTests.Json((await InvocationAsync([.. others, name])).Options));
        }

        withIt.ShouldContain(json => json != without);
    }

    [Fact]
    public void Every_exception_is_an_option() =>
        Elsewhere.Keys.Except(Command().Options.Select(option => option.Name)).ShouldBeEmpty();

    [Fact]
    public async Task No_credential_that_is_given_shows()
    {
        var options = (await InvocationAsync(
            ["u", "-u", "me:hunter2", "-H", "Authorization: hunter2", "-H", "X-Key: hunter2", "-b", "a=hunter2", "-x", "http://me:hunter2@proxy:1", "-U", "me:hunter2"],
            ("https_proxy", "http://me:hunter2@proxy:2"))).Options;

        var json = RunOptionsTests.Json(options);
        json.ShouldNotContain("hunter2");
        json.ShouldContain("\"user\":true");
        json.ShouldContain("\"cookie\":true");
        json.ShouldContain("\"proxy_user\":true");
        json.ShouldContain("Authorization");
    }

    [Fact]
    public async Task No_credential_of_a_proxy_of_the_environment_shows()
    {
        var options = (await InvocationAsync(["u"], ("https_proxy", "http://me:hunter2@proxy:2"))).Options;

        var json = RunOptionsTests.Json(options);
        json.ShouldContain("http://proxy:2");
        json.ShouldNotContain("hunter2");
    }

    private static GroupedCommand Command() => FetchCommand.Create(CommandLineTesting.Modes, (_, _) => Task.FromResult(0));

    /// <summary>Values for what the help calls <paramref name="valueName"/>; one of them is not the default.</summary>
    private string[] ValuesOf(string valueName) => valueName switch
    {
        "N" or "MS" or "SECONDS" => ["7"],
        "N/UNIT" => ["7/s"],
        "BYTES" => ["7k"],
        "VERSION" => ["1.2", "1.3"],
        "LIST" => ["204"],
        "[LIST]" => ["server"],
        "NAME" or "PATH" or "DIR" or "TEMPLATE" => ["name"],
        "FILE" => [_otherFile],
        "TOKEN" => ["token"],
        "ADDR[:PORT],..." => ["192.0.2.1,[2001:db8::1]:5353"],
        "DATA|FILE" => ["a=b"],
        "LINE|@FILE" => ["Name: value"],
        "USER:PASSWORD" => ["me:secret"],
        "[SCHEME://]HOST[:PORT]" => ["other:1"],
        "HOST:PORT:ADDR[,ADDR]..." => ["a:80:127.0.0.1"],
        "HOST1:PORT1:HOST2:PORT2" => ["a:80:b:81"],
        _ => throw new NotSupportedException($"no value for {valueName} is known here"),
    };
}
