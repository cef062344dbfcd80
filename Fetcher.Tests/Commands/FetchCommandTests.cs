using System.Net;
using Fetcher.Commands;
using Fetcher.Core;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

/// <summary>From arguments to what is run.</summary>
public sealed class FetchCommandTests : IDisposable
{
    private readonly string _pem = Path.GetTempFileName();

    public void Dispose() => File.Delete(_pem);

    [Fact]
    public async Task Without_options_the_defaults_hold()
    {
        var invocation = await InvocationAsync("urls.txt");

        invocation.Sources.ShouldBe(["urls.txt"]);
        (invocation with { Sources = [], Options = null!, List = null }).ShouldBe(new FetchInvocation(
            [],
            Count: 1,
            null!,
            Format: "table",
            Reports: [],
            ResultOrder.Completion,
            Quiet: false,
            Verbose: false,
            Progress: null,
            Lab: false,
            Grace: TimeSpan.FromSeconds(2)));
        invocation.Options.ShouldBe(new FetchOptions());
    }

    [Fact]
    public async Task Every_option_reaches_what_is_run()
    {
        var invocation = await InvocationAsync(
            "a.txt", "--mode", "select", "--count", "3", "http://b/", "--concurrency", "7", "--per-host", "2", "--rate", "20/s",
            "--loops", "4", "--cpu-burst", "1.5", "--lab", "-H", "Accept: text/html", "-H", "X-Empty;", "-H", "Host:", "-A", "me/1", "-u",
            "user:pass:word", "--compressed", "--no-location", "--max-redirs", "5", "--accept-status", "200-299,404", "--max-filesize",
            "10M", "--sha256", "-6", "--resolve", "a:80:127.0.0.1", "--resolve", "b:80:::1", "--connect-to", "::c:81", "-k", "--cacert",
            _pem, "--cert", _pem, "--key", _pem, "--connect-timeout", "0.25", "-m", "12", "--read-timeout", "3", "--retry", "9",
            "--retry-delay", "1", "--retry-max-time", "60", "--retry-all-errors", "--format", "ndjson", "--report", "x.json", "--report",
            "y.csv", "--order", "input", "-q", "-v", "--progress", "plain", "-g", "-");

        (invocation.Count, invocation.Format, invocation.Order, invocation.Quiet, invocation.Verbose, invocation.Progress, invocation.Lab)
            .ShouldBe((3, "ndjson", ResultOrder.Input, true, true, ProgressKind.Plain, true));
        invocation.List!.Globs.ShouldBeFalse();
        invocation.Sources.ShouldBe(["a.txt", "http://b/", "-"]);
        invocation.Reports.ShouldBe(["x.json", "y.csv"]);

        var options = invocation.Options;
        options.Headers.ShouldBe([new RequestHeader("Accept", "text/html"), new RequestHeader("X-Empty", "")]);
        options.RemovedHeaders.ShouldBe(["Host"]);
        options.Resolve.Select(entry => (entry.Host, entry.Port, entry.Addresses.Single())).ShouldBe(
            [("a", 80, IPAddress.Loopback), ("b", 80, IPAddress.IPv6Loopback)]);
        options.ConnectTo.ShouldBe([new ConnectTo("", 0, "c", 81)]);
        options.AcceptStatus.Text.ShouldBe("200-299,404");
        options.ShouldBe(new FetchOptions
        {
            Headers = options.Headers,
            RemovedHeaders = options.RemovedHeaders,
            Resolve = options.Resolve,
            ConnectTo = options.ConnectTo,
            AcceptStatus = options.AcceptStatus,
            Mode = "select",
            Concurrency = 7,
            PerHost = 2,
            StartInterval = TimeSpan.FromMilliseconds(50),
            Loops = 4,
            CpuBurst = TimeSpan.FromMilliseconds(1.5),
            UserAgent = "me/1",
            Credentials = "user:pass:word",
            Compressed = true,
            FollowRedirects = false,
            MaxRedirects = 5,
            MaxFileSize = 10 << 20,
            Sha256 = true,
            AddressFamily = AddressFamilyChoice.IPv6Only,
            Insecure = true,
            CaCertPath = _pem,
            CertPath = _pem,
            KeyPath = _pem,
            ConnectTimeout = TimeSpan.FromMilliseconds(250),
            MaxTime = TimeSpan.FromSeconds(12),
            ReadTimeout = TimeSpan.FromSeconds(3),
            Retry = 9,
            RetryDelay = TimeSpan.FromSeconds(1),
            RetryMaxTime = TimeSpan.FromSeconds(60),
            RetryAllErrors = true,
        });
    }

    [Theory]
    [InlineData("30", 30)]
    [InlineData("0.5s", 0.5)]
    [InlineData("250ms", 0.25)]
    [InlineData("5m", 300)]
    [InlineData("1h", 3600)]
    public async Task A_duration_may_have_a_unit(string text, double seconds) =>
        (await InvocationAsync("u", "--duration", text)).Options.Duration.ShouldBe(TimeSpan.FromSeconds(seconds));

    [Theory]
    [InlineData("--include-headers", "", "u")]
    [InlineData("--include-headers server,ETag u", "server,ETag", "u")]
    [InlineData("--include-headers=server u", "server", "u")]
    [InlineData("--include-headers --retry 1 u", "", "u")]
    [InlineData("--include-headers http://a/", "", "http://a/")]
    [InlineData("--include-headers ./u", "", "./u")]
    public async Task The_list_of_header_fields_may_be_left_out(string arguments, string names, string source)
    {
        var invocation = await InvocationAsync(arguments == "--include-headers" ? ["u", arguments] : arguments.Split(' '));

        invocation.Options.IncludeHeaders.ShouldBe(names.Length == 0 ? [] : names.Split(','));
        invocation.Sources.ShouldBe([source]);
    }

    [Fact]
    public async Task Header_fields_are_copied_for_what_shows_them()
    {
        (await InvocationAsync("u")).Options.ShouldSatisfyAllConditions(
            options => options.IncludeHeaders.ShouldBeNull(), options => options.HeadRecording.ShouldBe(HeadRecording.None));
        (await InvocationAsync("u", "-w", "%header{a}")).Options.HeadRecording.ShouldBe(HeadRecording.Fields);
        (await InvocationAsync("u", "--report", "a.har")).Options.HeadRecording.ShouldBe(HeadRecording.Reason);
        (await InvocationAsync("u", "--format", "har")).Options.HeadRecording.ShouldBe(HeadRecording.Reason);
    }

    [Fact]
    public async Task How_hosts_are_spared_can_be_chosen() =>
        (await InvocationAsync("u", "--rate-per-host", "5/s", "--adaptive", "--circuit-breaker", "3", "--circuit-break", "0.5")).Options.ShouldBe(
            (await InvocationAsync("u")).Options with
            {
                StartIntervalPerHost = TimeSpan.FromMilliseconds(200),
                Adaptive = true,
                CircuitFailures = 3,
                CircuitBreak = TimeSpan.FromSeconds(0.5),
            });

    [Theory]
    [InlineData("0", 0)]
    [InlineData("500", 500)]
    [InlineData("100k", 102_400)]
    [InlineData("2M", 2 << 20)]
    public async Task The_rate_of_a_transfer_is_bytes_a_second(string text, long rate) =>
        (await InvocationAsync("u", "--limit-rate", text, "--robots")).Options.ShouldBe(
            (await InvocationAsync("u")).Options with { LimitRate = rate, Robots = true });

    [Fact]
    public async Task A_cookie_is_data_when_it_has_an_equals_sign_and_a_file_otherwise()
    {
        var options = (await InvocationAsync("u", "-b", "a=b", "-b", "jar", "-b", "c=d", "-c", "jar")).Options;

        options.Cookie.ShouldBe("a=b; c=d");
        options.CookieFiles.ShouldBe(["jar"]);
        options.CookieJarPath.ShouldBe("jar");
    }

    [Theory]
    [InlineData("--concurrency", "--parallel-max")]
    [InlineData("--per-host", "--parallel-max-host")]
    public async Task Names_of_curl_are_known_too(string name, string alias) =>
        (await InvocationAsync("u", alias, "5")).Options.ShouldBe((await InvocationAsync("u", name, "5")).Options);

    [Fact]
    public async Task Short_options_bundle_and_take_their_value_in_the_same_argument()
    {
        var invocation = await InvocationAsync("-kvm5", "u", "-HX-Time: 1:2", "-umax:secret", "-4");

        invocation.Sources.ShouldBe(["u"]);
        invocation.Verbose.ShouldBeTrue();
        (invocation.Options.Insecure, invocation.Options.MaxTime).ShouldBe((true, TimeSpan.FromSeconds(5)));
        invocation.Options.Headers.ShouldBe([new RequestHeader("X-Time", "1:2")]);
        invocation.Options.Credentials.ShouldBe("max:secret");
        invocation.Options.AddressFamily.ShouldBe(AddressFamilyChoice.IPv4Only);
    }

    [Fact]
    public async Task A_value_may_follow_an_equals_sign() =>
        (await InvocationAsync("u", "--rate=1/s", "--count=2")).ShouldSatisfyAllConditions(
            invocation => invocation.Count.ShouldBe(2),
            invocation => invocation.Options.StartInterval.ShouldBe(TimeSpan.FromSeconds(1)));

    [Fact]
    public async Task The_last_of_two_values_counts() => (await InvocationAsync("u", "--count", "2", "--count", "3")).Count.ShouldBe(3);

    [Fact]
    public async Task A_value_may_look_like_an_option() => (await InvocationAsync("u", "-A", "-k")).Options.ShouldSatisfyAllConditions(
        options => options.UserAgent.ShouldBe("-k"),
        options => options.Insecure.ShouldBeFalse());

    [Fact]
    public async Task An_empty_user_agent_is_none() => (await InvocationAsync("u", "-A", "")).Options.UserAgent.ShouldBe("");

    [Fact]
    public async Task A_flag_does_not_take_the_next_argument() => (await InvocationAsync("-k", "true")).Sources.ShouldBe(["true"]);

    [Fact]
    public async Task A_password_that_is_left_out_is_asked_for() =>
        (await InvocationAsync("u", "-u", "max")).Options.Credentials.ShouldBe("max:asked-for-max");

    [Theory]
    [InlineData("max:")]
    [InlineData(":secret")]
    public async Task A_name_or_a_password_may_be_empty(string user) => (await InvocationAsync("u", "-u", user)).Options.Credentials.ShouldBe(user);

    [Fact]
    public async Task No_progress_is_stronger_than_progress() =>
        (await InvocationAsync("u", "--no-progress", "--progress", "line")).Progress.ShouldBe(ProgressKind.None);
}
