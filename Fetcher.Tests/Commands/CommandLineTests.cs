using System.CommandLine;
using System.Reflection;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

/// <summary>Errors, help, version and commands with a name.</summary>
public sealed class CommandLineTests
{
    private static readonly Subcommand Lab = new("lab", "Runs the embedded origin.", () =>
    {
        var command = new Command("lab", "Runs the embedded origin.") { CliOption.Value("--port", [], "N", "Port", int.Parse) };
        command.SetAction(result => 40);
        return command;
    });

    [Theory]
    [InlineData("", "there is no SOURCE: a file of URLs, a URL, or - for standard input")]
    [InlineData("--count 2", "there is no SOURCE: a file of URLs, a URL, or - for standard input")]
    [InlineData("u -s", "there is no option -s: --format and -q say what is printed; bodies never are")]
    [InlineData("u -ks", "there is no option -s, in -ks: --format and -q say what is printed; bodies never are")]
    [InlineData("u -X POST", "there is no option -X: only GET and HEAD are made; a line of the list may say which: {\"url\":\"...\", \"method\":\"HEAD\"}")]
    [InlineData("u --parallel", "there is no option --parallel: transfers are parallel already; --concurrency says how many")]
    [InlineData("u --rate 20", "--rate: '20' has no unit, and the unit is required, e.g. 20/s, 20/m or 20/h")]
    [InlineData("u --count 0", "--count: '0' is not a whole number from 1 to 2147483647")]
    [InlineData("u --concurrency 0", "--concurrency: '0' is not a whole number from 1 to 2147483647")]
    [InlineData("u --parallel-max x", "--parallel-max: 'x' is not a whole number from 1 to 2147483647")]
    [InlineData("u --loops 0", "--loops: '0' is not a whole number from 1 to 2147483647")]
    [InlineData("u --limit-rate fast", "--limit-rate: 'fast' is not a number of bytes, e.g. 5000, 64k, 10M or 1G")]
    [InlineData("u -c -", "-c: standard output is for the report; name a file")]
    [InlineData("u --revalidate none", "--revalidate: there is no file 'none'")]
    [InlineData("u --per-host -1", "--per-host: '-1' is not a whole number from 0 to 2147483647")]
    [InlineData("u --retry -4", "--retry: '-4' is not a whole number from 0 to 2147483647")]
    [InlineData("u --mode magic", "--mode: 'magic' is no mode; the modes are async, blocking-read, select")]
    [InlineData("u --format xml", "--format: 'xml' is none of table, ndjson, json, csv, markdown, html, svg, har, hlog, trace")]
    [InlineData("u --order random", "--order: 'random' is neither completion nor input")]
    [InlineData("u --report run.txt", "--report: the name 'run.txt' does not end in .ndjson, .json, .csv, .md, .html, .svg, .har, .hlog, .trace.json")]
    [InlineData("u --report .json", "--report: the name '.json' does not end in .ndjson, .json, .csv, .md, .html, .svg, .har, .hlog, .trace.json")]
    [InlineData("u --accept-status 600-200", "--accept-status: '600-200' runs backwards")]
    [InlineData("u --cacert /no/such.pem", "--cacert: there is no file '/no/such.pem'")]
    [InlineData("u -4 -6", "-4 and -6 exclude each other")]
    [InlineData("u --duration 1 --count 2", "--duration and --count exclude each other: the list is gone round as often as there is time for")]
    [InlineData("u --duration 1 --journal j", "--duration and --journal exclude each other: the list is gone round as often as there is time for")]
    [InlineData("u --fail-if p99", "--fail-if: 'p99' has none of > >= < <=, e.g. 'p99>0.5s'")]
    [InlineData("u --http2 --http1.1", "--http1.1 and --http2 exclude each other")]
    [InlineData("u -0 --http2-prior-knowledge", "--http1.0 and --http2-prior-knowledge exclude each other")]
    [InlineData("u --key /dev/null", "--key needs --cert, the certificate that the key belongs to")]
    [InlineData("u --count", "--count needs a value")]
    [InlineData("u --count 5 --count", "--count needs a value each time")]
    [InlineData("u --insecure=yes", "--insecure takes no value")]
    [InlineData("u --rat 20/s", "there is no option --rat; did you mean --rate?")]
    [InlineData("u --paralel-max=5", "there is no option --paralel-max; did you mean --parallel-max?")]
    [InlineData("u --something-else", "there is no option --something-else")]
    [InlineData("u -kz", "there is no option -z, in -kz")]
    [InlineData("u -z", "there is no option -z")]
    [InlineData("[parse] u", "'[parse]' cannot be the first argument; a file of that name is ./[parse]")]
    public async Task What_is_wrong_is_said_in_a_sentence_with_a_hint_and_exit_status_2(string args, string sentence)
    {
        var outcome = await RunAsync(args);

        outcome.Error.ShouldBe($"fetcher: {sentence}\nSee 'fetcher --help'.\n");
        outcome.ShouldSatisfyAllConditions(o => o.ExitStatus.ShouldBe(2), o => o.Output.ShouldBe(""), o => o.Invocation.ShouldBeNull());
    }

    [Fact]
    public async Task An_argument_cannot_colour_the_terminal() =>
        (await RunAsync(["u", "--mode", "\e[31mred\n"])).Error.ShouldStartWith("fetcher: --mode: '?[31mred?' is no mode;");

    [Fact]
    public async Task A_secret_is_not_repeated() => (await RunAsync(["u", "-H", "Authorization; secret"])).Error.ShouldNotContain("secret");

    [Fact]
    public async Task A_list_that_cannot_be_read_is_said_in_a_sentence_and_exit_status_2()
    {
        var outcome = await RunAsync(["urls.txt"], run: _ => throw new SourceException("cannot read urls.txt: no such file"));

        (outcome.ExitStatus, outcome.Error).ShouldBe((2, "fetcher: cannot read urls.txt: no such file\n"));
    }

    [Fact]
    public async Task The_exit_status_is_that_of_the_run() =>
        (await RunAsync(["u"], run: _ => Task.FromResult(130))).ExitStatus.ShouldBe(130);

    [Theory]
    [InlineData("http://host/fetcher")]
    [InlineData("fetcher")]
    [InlineData("lists/fetcher")]
    [InlineData("@urls.txt")]
    [InlineData("http:no")]
    public async Task A_first_SOURCE_is_a_SOURCE_whatever_it_is_called(string source) =>
        (await InvocationAsync(source)).Sources.ShouldBe([source]);

    [Fact]
    public async Task What_follows_a_double_dash_is_no_option() =>
        (await InvocationAsync("--", "-k", "--help")).Sources.ShouldBe(["-k", "--help"]);

    [Theory]
    [InlineData("lab", 40)]
    [InlineData("lab --port 5", 40)]
    public async Task A_command_with_a_name_is_the_first_argument(string args, int exitStatus) =>
        (await RunAsync(args.Split(' '), [Lab])).ShouldSatisfyAllConditions(
            o => o.ExitStatus.ShouldBe(exitStatus),
            o => o.Invocation.ShouldBeNull());

    [Theory]
    [InlineData("urls.txt lab", "urls.txt,lab")]
    [InlineData("-k lab", "lab")]
    [InlineData("./lab", "./lab")]
    [InlineData("-- lab", "lab")]
    public async Task Anywhere_else_its_name_is_a_SOURCE(string args, string sources) =>
        (await RunAsync(args.Split(' '), [Lab])).Invocation!.Sources.ShouldBe(sources.Split(','));

    [Theory]
    [InlineData("lab urls.txt", "'urls.txt' is one argument too many")]
    [InlineData("lab --por 5", "there is no option --por; did you mean --port?")]
    [InlineData("lab --port", "--port needs a value")]
    public async Task A_command_with_a_name_has_errors_and_a_hint_of_its_own(string args, string sentence) =>
        (await RunAsync(args.Split(' '), [Lab])).ShouldSatisfyAllConditions(
            o => o.Error.ShouldBe($"fetcher: {sentence}\nSee 'fetcher lab --help'.\n"),
            o => o.ExitStatus.ShouldBe(2));

    [Theory]
    [InlineData("compare", "there is no SOURCE: a file of URLs, a URL, or - for standard input")]
    [InlineData("enqueue", "there is no SOURCE: a file of URLs, a URL, or - for standard input")]
    [InlineData("completion", "there is no SHELL")]
    public async Task A_command_with_a_name_needs_its_argument(string name, string sentence) =>
        (await RunAsync([name], AllCommands.Subcommands)).ShouldSatisfyAllConditions(
            o => o.Error.ShouldBe($"fetcher: {sentence}\nSee 'fetcher {name} --help'.\n"),
            o => o.ExitStatus.ShouldBe(2));

    /// <summary>The parser makes its messages of resources, for which .NET reads the attributes of assemblies.</summary>
    [Fact]
    public void The_parser_makes_no_message_when_the_version_is_asked_for()
    {
        foreach (var command in AllCommands.Create())
        {
            command.Parse([command.Name, "--version"], CommandLine.Syntax).Errors.ShouldBeEmpty(command.Name);
        }
    }

    [Fact]
    public void The_version_is_the_one_of_the_assembly() =>
        typeof(FetchOptions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion.Split('+')[0]
            .ShouldBe(ThisAssembly.Version);

    [Theory]
    [InlineData("--version")]
    [InlineData("-V")]
    [InlineData("--version --no-such-option")]
    public async Task The_version_is_shown(string args) =>
        (await RunAsync(args)).ShouldBe(new CommandLineOutcome(0, null, $"fetcher {ThisAssembly.Version}\n", ""));
}
