using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Tests.Fetch;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

/// <summary>Options in a file.</summary>
public sealed class ConfigFileTests : IDisposable
{
    private readonly TemporaryDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Lines_of_every_notation_are_options()
    {
        var invocation = await RunAsync("""
            # a comment
            count = 3
            --concurrency: 7
            rate 20/s
            -A "me \"1\"\t\\"   # behind the quotes
            insecure
            compressed = true
            sha256 = false
            header = X-A: b # behind the value
            header = "X-B: #c"

            url = http://a/
            """);

        (invocation.Count, invocation.Options.Concurrency, invocation.Options.StartInterval).ShouldBe((3, 7, TimeSpan.FromMilliseconds(50)));
        (invocation.Options.UserAgent, invocation.Options.Insecure, invocation.Options.Compressed, invocation.Options.Sha256)
            .ShouldBe(("me \"1\"\t\\", true, true, false));
        invocation.Options.Headers.ShouldBe([new RequestHeader("X-A", "b"), new RequestHeader("X-B", "#c")]);
        invocation.Sources.ShouldBe(["http://a/", "u"]);
    }

    [Fact]
    public async Task What_is_typed_counts_more_and_lists_grow()
    {
        var invocation = await RunAsync("count = 3\nheader = A: b\n", "--count", "5", "-H", "C: d");

        invocation.Count.ShouldBe(5);
        invocation.Options.Headers.Select(header => header.Name).ShouldBe(["A", "C"]);
    }

    [Fact]
    public async Task A_file_with_CRLF_and_a_byte_order_mark_is_read() =>
        (await RunAsync("\uFEFFcount = 3\r\nretry = 1\r\n")).ShouldSatisfyAllConditions(
            invocation => invocation.Count.ShouldBe(3),
            invocation => invocation.Options.Retry.ShouldBe(1));

    [Theory]
    [InlineData("\ncnt = 3", 2, "there is no option cnt")]
    [InlineData("count = x", 1, "--count: 'x' is not a whole number from 1 to 2147483647")]
    [InlineData("count", 1, "--count needs a value")]
    [InlineData("insecure = maybe", 1, "--insecure takes no value")]
    [InlineData("mode = magic", 1, "--mode: 'magic' is no mode; the modes are async, blocking-read, select")]
    [InlineData("user-agent = \"me", 1, "the closing quote is missing")]
    [InlineData("user-agent = \"me\" too", 1, "something follows the closing quote")]
    [InlineData("config = other", 1, "--config has no place in a config file")]
    [InlineData("help", 1, "--help has no place in a config file")]
    [InlineData("url", 1, "url needs a value")]
    public async Task What_is_wrong_is_said_with_file_and_line(string text, int line, string sentence)
    {
        var path = _directory.Write("config", text);

        var outcome = await CommandLineTesting.RunAsync(["u", "-K", path]);

        outcome.ShouldSatisfyAllConditions(
            o => o.Error.ShouldBe($"fetcher: {path}:{line}: {sentence}\nSee 'fetcher --help'.\n"), o => o.ExitStatus.ShouldBe(2));
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_wrong_usage_only_when_it_was_asked_for()
    {
        (await CommandLineTesting.RunAsync(["u", "-K", "/no/such"])).Error.ShouldStartWith("fetcher: the config file /no/such cannot be read");
        (await RunWithDefaultAsync("/no/such", "u")).ExitStatus.ShouldBe(0);
    }

    [Fact]
    public async Task The_users_own_file_comes_first_and_can_be_left_out()
    {
        var own = _directory.Write("own", "count = 2\nretry = 7");
        var other = _directory.Write("other", "count = 3");

        (await RunWithDefaultAsync(own, "u")).Invocation!.Count.ShouldBe(2);
        var both = (await RunWithDefaultAsync(own, "u", "-K", other)).Invocation!;
        (both.Count, both.Options.Retry).ShouldBe((3, 7));
        (await RunWithDefaultAsync(own, "u", "--no-config")).Invocation!.Count.ShouldBe(1);
    }

    [Fact]
    public async Task Help_needs_no_right_file() =>
        (await RunWithDefaultAsync(_directory.Write("own", "nonsense"), "--help", "all")).ShouldSatisfyAllConditions(
            o => o.ExitStatus.ShouldBe(0), o => o.Output.ShouldContain("--no-config"));

    private static async Task<CommandLineOutcome> RunWithDefaultAsync(string path, params string[] args)
    {
        FetchInvocation? seen = null;
        using var output = new StringWriter();
        using var error = new StringWriter();
        var status = await CommandLine.RunAsync(
            args,
            () => FetchCommand.Create(CommandLineTesting.Modes, (invocation, _) =>
            {
                seen = invocation;
                return Task.FromResult(0);
            }),
            [],
            output,
            error,
            path);
        return new CommandLineOutcome(status, seen, output.ToString(), error.ToString());
    }

    private Task<FetchInvocation> RunAsync(string config, params string[] args) =>
        InvocationAsync(["u", "-K", _directory.Write("config", config), .. args]);
}
