using System.CommandLine;
using Fetcher.Commands;
using Fetcher.Compare;
using Fetcher.Core.Work.Sources;
using Fetcher.Tests.Commands;

namespace Fetcher.Tests.Compare;

public sealed class CompareCommandTests
{
    [Fact]
    public async Task Without_options_two_modes_run_five_rounds_after_one_of_warm_up()
    {
        var invocation = await InvocationAsync("urls.txt");

        invocation.Modes.ShouldBe(["blocking-read", "async"]);
        invocation.Runs.ShouldBe(5);
        invocation.Warmup.ShouldBe(1);
        invocation.Sweep.ShouldBeNull();
        invocation.Format.ShouldBe("table");
        invocation.PassedOn.ShouldBeEmpty();
    }

    [Fact]
    public async Task Modes_keep_their_order_and_may_go_by_another_name() =>
        (await InvocationAsync("urls.txt", "--modes", "select,epoll,blocking-read")).Modes.ShouldBe(["select", "async", "blocking-read"]);

    [Theory]
    [InlineData("--modes async,async", "--modes: 'async,async' names a mode twice")]
    [InlineData("--modes async,epoll", "--modes: 'async,epoll' names a mode twice")]
    [InlineData("--modes async,psychic", "--modes: 'psychic' is no mode; the modes are async, blocking-read, select")]
    [InlineData("--runs 0", "--runs: '0' is not a whole number from 1 to 2147483647")]
    [InlineData("--sweep body=1,2", "--sweep body needs --lab, whose pages it changes")]
    [InlineData("--report a.har", "--report: the name 'a.har' does not end in .ndjson, .json, .csv, .md, .html, .svg")]
    [InlineData("--report a.trace.json", "--report: the name 'a.trace.json' does not end in .ndjson, .json, .csv, .md, .html, .svg")]
    public async Task What_cannot_be_is_said_in_a_sentence_and_exits_2(string options, string problem)
    {
        var (status, _, _, error) = await RunAsync(["compare", "urls.txt", .. options.Split(' ')]);

        status.ShouldBe(2);
        error.ShouldBe($"fetcher: {problem}\nSee 'fetcher compare --help'.\n");
    }

    [Fact]
    public async Task Options_of_fetching_are_passed_on_as_they_were_given_and_those_of_comparing_are_not()
    {
        var invocation = await InvocationAsync(
            "a.txt", "--parallel-max", "7", "-H", "X-A: 1", "-k", "--runs", "3", "--lab", "--header=X-B: --insecure", "--format", "json",
            "--modes", "async", "-q", "b.txt");

        invocation.PassedOn.ShouldBe(["--concurrency=7", "--header=X-A: 1", "--header=X-B: --insecure", "--insecure"]);
    }

    [Fact]
    public async Task Options_that_were_passed_on_mean_the_same_again()
    {
        string[] given =
        [
            "--concurrency", "9", "--per-host=2", "--rate", "20/s", "-H", "Accept: a=b,\"c\" -d", "-H", "X-Empty;", "-H", "User-Agent:",
            "-A", "-x", "-u", "me:a=b -c", "--resolve", "*:80:127.0.0.1", "--connect-to", "::[::1]:8080", "-m", "2.5",
            "--accept-status", "200-299,404", "--cpu-burst", "1.5", "-4",
        ];
        var first = await InvocationAsync(["urls.txt", .. given]);

        var again = await InvocationAsync([.. first.PassedOn, "--", "urls.txt"]);

        again.PassedOn.ShouldBe(first.PassedOn);
        again.Sources.ShouldBe(["urls.txt"]);
        again.Options.Headers.ShouldBe(first.Options.Headers);
        again.Options.RemovedHeaders.ShouldBe(["User-Agent"]);
        again.Options.UserAgent.ShouldBe("-x");
        again.Options.Credentials.ShouldBe("me:a=b -c");
        again.Options.ConnectTo.ShouldBe(first.Options.ConnectTo);
        again.Options.Concurrency.ShouldBe(9);
        again.Options.MaxTime.ShouldBe(TimeSpan.FromSeconds(2.5));
        again.Options.CpuBurst.ShouldBe(TimeSpan.FromMilliseconds(1.5));
    }

    [Fact]
    public async Task A_password_is_asked_for_once_and_is_no_argument()
    {
        var invocation = await InvocationAsync("urls.txt", "-u", "me");

        invocation.Password.ShouldBe("asked-for-me");
        invocation.PassedOn.ShouldBe(["--user=me"]);
    }

    [Fact]
    public async Task The_value_of_a_sweep_comes_after_the_same_option_as_it_was_given()
    {
        var invocation = await InvocationAsync("http://a/", "--concurrency", "5", "--sweep", "concurrency=10,20");
        using var sources = await CompareSources.OpenAsync(invocation.Sources, null, new ListOptions(Globs: true), CancellationToken.None);
        await using var lab = new CompareLab(invocation, sources);

        var arguments = (await RoundArguments.OfAsync(invocation, sources, lab, 20, CancellationToken.None)).For("async");

        arguments.ShouldBe(["compare", "--round", "--modes=async", "--concurrency=5", "--concurrency=20", "--", "http://a/"]);
        (await RoundAsync([.. arguments])).Options.Concurrency.ShouldBe(20);
    }

    [Fact]
    public async Task Idle_connections_lead_to_the_origin_of_the_first_URL()
    {
        var invocation = await InvocationAsync("http://a/x", "http://b/", "--sweep", "idle=10");
        using var sources = await CompareSources.OpenAsync(invocation.Sources, null, new ListOptions(Globs: true), CancellationToken.None);
        await using var lab = new CompareLab(invocation, sources);

        var arguments = (await RoundArguments.OfAsync(invocation, sources, lab, 10, CancellationToken.None)).For("async");

        var round = await RoundAsync([.. arguments]);

        round.Idle.ShouldBe(10);
        round.IdleOrigin.ShouldBe("http://a/x");
    }

    [Fact]
    public async Task What_processes_tell_each_other_is_not_in_the_help()
    {
        var (_, _, output, _) = await RunAsync(["compare", "--help"]);

        output.ShouldContain("--sweep");
        output.ShouldNotContain("--round");
        output.ShouldNotContain("--idle-origin");
    }

    private static async Task<CompareInvocation> InvocationAsync(params string[] args)
    {
        var (status, seen, _, error) = await RunAsync(["compare", .. args]);
        error.ShouldBe("");
        status.ShouldBe(0);
        return seen.ShouldBeOfType<CompareInvocation>();
    }

    private static async Task<RoundInvocation> RoundAsync(string[] args) => (await RunAsync(args)).Seen.ShouldBeOfType<RoundInvocation>();

    private static async Task<(int Status, object? Seen, string Output, string Error)> RunAsync(string[] args)
    {
        object? seen = null;
        using var output = new StringWriter();
        using var error = new StringWriter();
        Func<Command> create = () => CompareCommand.Create(CommandLineTesting.Modes, Note, Note, user => "asked-for-" + user);
        var status = await CommandLine.RunAsync(
            args, () => throw new InvalidOperationException("another command"), [new Subcommand("compare", "", create)], output, error);
        return (status, seen, output.ToString(), error.ToString());

        Task<int> Note(object invocation, CancellationToken cancellation)
        {
            seen = invocation;
            return Task.FromResult(0);
        }
    }
}
