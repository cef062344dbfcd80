using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Modes;
using Fetcher.Core.Net;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Commands.CommandLineTesting;

namespace Fetcher.Tests.Commands;

/// <summary>Which version of HTTP is asked for, by curl's names.</summary>
public sealed class ProtocolOptionTests
{
    public static TheoryData<string> Modes => ModeRun.All;

    [Theory]
    [InlineData("u", HttpProtocol.Negotiate, "h2,http/1.1")]
    [InlineData("u -0", HttpProtocol.Http10, "http/1.1")]
    [InlineData("u --http1.0", HttpProtocol.Http10, "http/1.1")]
    [InlineData("u --http1.1", HttpProtocol.Http11, "http/1.1")]
    [InlineData("u --http2", HttpProtocol.Http2, "h2,http/1.1")]
    [InlineData("u --http2-prior-knowledge", HttpProtocol.Http2PriorKnowledge, "h2")]
    public async Task An_option_chooses_the_version_and_what_is_offered(string args, HttpProtocol protocol, string offered)
    {
        (await InvocationAsync(args.Split(' '))).Options.Protocol.ShouldBe(protocol);
        string.Join(',', TlsSettings.Offered(protocol)).ShouldBe(offered);
    }

    [Fact]
    public void Their_names_are_those_of_the_options() =>
        new NetworkOptionSet().Protocols.Select(option => option.Name).ShouldBe(NetworkOptionSet.ProtocolNames);

    /// <summary>One that cannot speak it says so before the run; the others do.</summary>
    [Theory]
    [MemberData(nameof(Modes))]
    public void A_mode_speaks_http_2_or_refuses_it(string name)
    {
        var mode = ModeCatalog.Find(name)!;
        Assert.SkipWhen(mode.WhyNot(ModeRun.Options) is not null, name);
        foreach (var protocol in (HttpProtocol[])[HttpProtocol.Http2, HttpProtocol.Http2PriorKnowledge])
        {
            (mode.WhyNot(ModeRun.Options with { Protocol = protocol }) ?? "").ShouldBeOneOf("", "it does not speak HTTP/2; --mode httpclient does");
        }

        ModeCatalog.Find("httpclient")!.WhyNot(ModeRun.Options with { Protocol = HttpProtocol.Http2 }).ShouldBeNull();
    }
}
