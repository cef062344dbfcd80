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

    [Theory]
    [MemberData(nameof(Modes))]
    public void Every_mode_speaks_http_2(string name)
    {
        var mode = ModeCatalog.Find(name)!;
        Assert.SkipWhen(mode.WhyNot(ModeRun.Options) is not null, name);

        mode.WhyNot(ModeRun.Options with { Protocol = HttpProtocol.Http2 }).ShouldBeNull();
        mode.WhyNot(ModeRun.Options with { Protocol = HttpProtocol.Http2PriorKnowledge, Http2Window = 65_536 }).ShouldBeNull();
    }

    [Fact]
    public async Task Windows_are_sizes()
    {
        var options = (await InvocationAsync("u", "--http2-window", "64k", "--http2-connection-window", "1M")).Options;

        (options.Http2Window, options.Http2ConnectionWindow).ShouldBe((65_536, 1 << 20));
    }

    [Fact]
    public void DotNets_client_refuses_windows_that_it_cannot_have()
    {
        var mode = ModeCatalog.Find("httpclient")!;

        mode.WhyNot(new FetchOptions { Http2Window = 1024 }).ShouldBe(".NET's client takes HTTP/2 windows from 65535 bytes to 16 MiB (--http2-window)");
        mode.WhyNot(new FetchOptions { Http2ConnectionWindow = 1 << 20 }).ShouldNotBeNull().ShouldContain("--http2-connection-window");
    }
}
