using Fetcher.Core;
using Fetcher.Core.Fetch;
using Fetcher.Core.Saving;
using Fetcher.Core.Work;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: cookies go where they belong, and only when asked for (<c>-b</c>, <c>-c</c>).</summary>
public sealed class ModeCookieTests
{
    private static readonly FetchOptions Keeping = ModeRun.Options with { CookieFiles = [""] };

    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task What_a_server_sets_it_gets_back_over_redirects_too(string mode)
    {
        await using var server = new ScriptedServer(AnswerByPath(path => path == "/login"
            ? Response("302 Found", "", "Set-Cookie: id=7, really; Path=/\r\nSet-Cookie: t=8; Path=/in\r\nLocation: /in\r\n")
            : Ok()));

        await ModeRun.FetchAsync(mode, Keeping, server.Url("/login"), server.Url("/other"));

        CookiesOf(server).ShouldBe(["", "t=8; id=7, really", "id=7, really"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Given_cookies_go_to_the_origin_of_the_list_alone(string mode)
    {
        await using var other = new ScriptedServer(Answer(Ok()));
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", $"Set-Cookie: k=v\r\nLocation: {other.Url("/", "localhost")}\r\n")));

        await ModeRun.FetchAsync(mode, ModeRun.Options with { Cookie = "a=b; c=d" }, server.Url());
        await ModeRun.FetchAsync(mode, Keeping with { Cookie = "a=b; c=d" }, server.Url(), server.Url());

        CookiesOf(server).ShouldBe(["a=b; c=d", "a=b; c=d", "k=v; a=b; c=d"]);
        CookiesOf(other).ShouldBe(["", "", ""]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Cookies_are_sent_as_the_bytes_that_they_are(string mode)
    {
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(Answer(Ok("", "Set-Cookie: s=\u00fc\u0080\r\n")));
        var given = ModeRun.Options with { Cookie = "a=\u017c\u00f3\u0142\u0107" };

        await ModeRun.FetchAsync(mode, given, server.Url());
        await ModeRun.FetchAsync(mode, given with { CookieJarPath = folder["jar"] }, server.Url(), server.Url());

        const string bytes = "a=\u00c5\u00bc\u00c3\u00b3\u00c5\u0082\u00c4\u0087";
        CookiesOf(server).ShouldBe([bytes, bytes, "s=\u00fc\u0080; " + bytes]);
    }

    [Fact]
    public async Task Without_being_asked_nobody_keeps_cookies()
    {
        await using var server = new ScriptedServer(Answer(Ok("", "Set-Cookie: k=v\r\n")));

        await ModeRun.FetchAsync("async", ModeRun.Options, server.Url(), server.Url());

        CookiesOf(server).ShouldBe(["", ""]);
    }

    [Fact]
    public async Task A_Cookie_field_of_the_users_own_stands_alone()
    {
        await using var server = new ScriptedServer(Answer(Ok("", "Set-Cookie: k=v\r\n")));
        var options = Keeping with { Headers = [new RequestHeader("Cookie", "mine=1")], Cookie = "a=b" };

        await ModeRun.FetchAsync("async", options, server.Url(), server.Url());

        CookiesOf(server).ShouldBe(["mine=1", "mine=1"]);
    }

    [Fact]
    public async Task A_jar_is_written_and_read_again()
    {
        using var folder = new TempFolder();
        await using var server = new ScriptedServer(Answer(Ok(
            "", "Set-Cookie: s=1\r\nSet-Cookie: p=2; Max-Age=1000; HttpOnly\r\nSet-Cookie: gone=3; Max-Age=0\r\nSet-Cookie: e=; Path=/\r\n")));
        var options = ModeRun.Options with { CookieFiles = [folder["jar"]], CookieJarPath = folder["jar"] };

        await RunAsync(options, server.Url());
        var first = await File.ReadAllLinesAsync(folder["jar"], TestContext.Current.CancellationToken);
        await RunAsync(options, server.Url());

        first[0].ShouldBe("# Netscape HTTP Cookie File");
        first[3].ShouldBe("127.0.0.1\tFALSE\t/\tFALSE\t0\ts\t1");
        first[4].ShouldStartWith("#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t1");
        first.Length.ShouldBe(6);
        CookiesOf(server).ShouldBe(["", "s=1; p=2; e="]);
        folder.Files.ShouldBe(["jar"]);
        File.GetUnixFileMode(folder["jar"]).ShouldBe(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    [Fact]
    public async Task A_file_of_curls_is_read()
    {
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(
            folder["jar"],
            "# Netscape HTTP Cookie File\n\n#HttpOnly_127.0.0.1\tFALSE\t/\tFALSE\t4102444800\ta\tb\n.example.com\tTRUE\t/\tTRUE\t0\tx\ty\n",
            TestContext.Current.CancellationToken);
        await using var server = new ScriptedServer(Answer(Ok()));

        await ModeRun.FetchAsync("async", ModeRun.Options with { CookieFiles = [folder["jar"]] }, server.Url());

        CookiesOf(server).ShouldBe(["a=b"]);
    }

    [Fact]
    public void A_file_that_is_not_there_is_refused()
    {
        using var folder = new TempFolder();

        Should.Throw<FetchSetupException>(() => CookieFile.Load(ModeRun.Options with { CookieFiles = [folder["none"]] }, TimeProvider.System));
    }

    private static async Task RunAsync(FetchOptions options, params string[] urls)
    {
        var job = new FetchJob(options, new ListWork(new MemorySource(urls), new MemorySink()));
        await ModeRun.RunAsync("async", job);
        job.SaveCookies();
    }

    private static string[] CookiesOf(ScriptedServer server) =>
        [.. server.Requests.Select(request => request.Split("\r\n").FirstOrDefault(line => line.StartsWith("Cookie: ", StringComparison.Ordinal))?[8..] ?? "")];
}
