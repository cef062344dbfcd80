using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: what the user gave for one origin goes to no other, and is in no message.</summary>
public sealed class ModeSecretTests : IDisposable
{
    private const string Secret = "s3cr3t";

    private static readonly string[] Names = ["Authorization:", "Cookie:", "Proxy-Authorization:"];

    private readonly Certificates _certificates = new();

    public static TheoryData<string> Modes => ModeRun.All;

    /// <summary>All ways to give one.</summary>
    private static FetchOptions[] Ways { get; } =
    [
        ModeRun.Options with { Credentials = $"me:{Secret}" },
        ModeRun.Options with { Headers = [new RequestHeader("AUTHORIZATION", Secret)] },
        ModeRun.Options with { Headers = [new RequestHeader("cookie", Secret)] },
        ModeRun.Options with { Cookie = $"a={Secret}" },
        ModeRun.Options with { Headers = [new RequestHeader("Proxy-Authorization", Secret)] },
        ModeRun.Options,
    ];

    public void Dispose() => _certificates.Dispose();

    private static bool HasSecret(string request) => Names.Any(name => request.Contains(name, StringComparison.OrdinalIgnoreCase));

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task No_secret_follows_a_redirect_to_another_port_host_or_scheme(string mode)
    {
        var targets = new Dictionary<string, string>();
        var redirect = AnswerByPath(path => Response("302 Found", "", $"Location: {targets[path]}\r\n"));
        await using var plain = new ScriptedServer(Answer(Ok()));
        await using var secure = new ScriptedServer(_certificates.Issue("a.test"), redirect);
        await using var first = new ScriptedServer(redirect);
        targets["/port"] = targets["/down"] = plain.Url("/", "a.test");
        targets["/host"] = first.Url("/port", "b.test");
        targets["/back"] = first.Url("/and-back", "b.test");
        targets["/and-back"] = first.Url("/port", "a.test");

        foreach (var way in Ways)
        {
            var options = way with
            {
                CaCertPath = _certificates.AuthorityPath,
                Resolve = [.. new[] { plain.Port, secure.Port, first.Port }.Select(port => new ResolveEntry("*", port, [System.Net.IPAddress.Loopback]))],
            };
            var user = way == ModeRun.Options ? $"me:{Secret}@" : "";
            string[] urls =
            [
                first.Url("/port", user + "a.test"), first.Url("/host", user + "a.test"), first.Url("/back", user + "a.test"), secure.Url("/down", user + "a.test"),
            ];

            var outcomes = await ModeRun.FetchAsync(mode, options, urls);

            outcomes.ShouldAllBe(outcome => outcome.Message == null && !outcome.Url.Contains(Secret) && !outcome.FinalUrl.Contains(Secret));
        }

        plain.Requests.Count.ShouldBe(Ways.Length * 4);
        plain.Requests.ShouldAllBe(request => !HasSecret(request));
        first.Requests.Where(request => request.Contains("Host: b.test")).ShouldAllBe(request => !HasSecret(request));
        first.Requests.Where(request => request.Contains("Host: a.test")).Count(HasSecret).ShouldBe(Ways.Length * 3, "and only before the first redirect");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_failure_does_not_tell_the_user_info_of_its_URL(string mode)
    {
        string[] urls =
        [
            $"http://me:{Secret}@127.0.0.1:1/", $"http://me:{Secret}@none.invalid/", $"http://me:{Secret}@a.test:99999/", $"ftp://me:{Secret}@a.test/",
            $"http://me:{Secret}@a b/", $"http://me:{Secret}@[::1/",
        ];

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { ConnectTimeout = TimeSpan.FromSeconds(1) }, urls);

        outcomes.Count.ShouldBe(urls.Length);
        outcomes.ShouldAllBe(outcome => !outcome.Ok && !$"{outcome.Message} {outcome.Url} {outcome.FinalUrl}".Contains(Secret));
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_line_end_in_a_URL_reaches_no_server(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        string[] urls = [server.Url("/\r\nX-Injected: yes"), server.Url("/\nX-Injected: yes"), server.Url("/?\rX"), server.Url("/%0d%0aX-Injected:%20yes")];

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options, urls);

        outcomes.Select(outcome => outcome.ExitCode).ShouldBe([3, 3, 3, 0]);
        server.Requests.ShouldHaveSingleItem().ShouldStartWith("GET /%0d%0aX-Injected:%20yes HTTP/1.1\r\n");
    }
}
