using System.Text;
using Fetcher.Core;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.Contracts;

/// <summary>The contract of every mode: who we are is told to those who are to know it, and to nobody else.</summary>
public sealed class ModeCredentialTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_token_goes_to_the_origin_of_the_list_and_not_where_a_redirect_leads(string mode)
    {
        await using var other = new ScriptedServer(Answer(Ok()));
        await using var server = new ScriptedServer(Answer(Response("302 Found", "", $"Location: {other.Url()}\r\n")));

        (await ModeRun.FetchOneAsync(mode, server.Url(), ModeRun.Options with { BearerToken = "t.o-k~n" })).Ok.ShouldBeTrue();

        server.Requests.ShouldHaveSingleItem().ShouldContain("\r\nAuthorization: Bearer t.o-k~n\r\n");
        other.Requests.ShouldHaveSingleItem().ShouldNotContain("Authorization");
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_file_has_users_and_passwords_by_host(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok()));
        var options = ModeRun.Options with { Netrc = Netrc.Parse("machine 127.0.0.1 login me password secret\nmachine localhost login you password other") };

        await ModeRun.FetchAsync(mode, options, server.Url(), server.Url().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
        await ModeRun.FetchAsync(mode, options, server.Url().Replace("//", "//them:theirs@", StringComparison.Ordinal));
        await ModeRun.FetchAsync(mode, options with { NetrcOptional = true }, server.Url().Replace("//", "//them:theirs@", StringComparison.Ordinal));
        await ModeRun.FetchAsync(mode, options with { Credentials = "given:pass" }, server.Url());

        server.Requests.Select(Authorization).ShouldBe(["me:secret", "you:other", null, "them:theirs", "given:pass"]);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task Statuses_that_are_transient_are_what_was_said(string mode)
    {
        await using var server = new ScriptedServer(Answer(Response("521 Down"), Ok()), Answer(Response("503 Busy"), Ok()));
        var options = ModeRun.Options with { Retry = 1, RetryDelay = TimeSpan.FromMilliseconds(1), RetryOn = StatusSet.Parse("520-524") };

        var listed = await ModeRun.FetchOneAsync(mode, server.Url(), options);
        var other = await ModeRun.FetchOneAsync(mode, server.Url(), options);

        (listed.Ok, listed.Attempts, listed.Status).ShouldBe((true, 2, 200));
        (other.Ok, other.Attempts, other.Status).ShouldBe((false, 1, 503));
    }

    private static string? Authorization(string request) => request.Split("\r\n").SingleOrDefault(line => line.StartsWith("Authorization: Basic ", StringComparison.Ordinal)) is { } line
        ? Encoding.UTF8.GetString(Convert.FromBase64String(line["Authorization: Basic ".Length..]))
        : null;
}
