using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Fetcher.Commands;
using Fetcher.Core;
using Fetcher.Core.Net;
using Microsoft.Extensions.Time.Testing;

namespace Fetcher.Tests.Net;

/// <summary>How long addresses are kept, and who is asked for them.</summary>
public sealed class ResolverTests
{
    [Theory]
    [InlineData(null, 1)]
    [InlineData(10.0, 2)]
    [InlineData(0.0, 4)]
    public async Task Addresses_are_kept_as_long_as_was_said(double? ttl, int lookUps)
    {
        var clock = new FakeTimeProvider();
        var asked = 0;
        var options = new FetchOptions { DnsTtl = ttl is { } seconds ? TimeSpan.FromSeconds(seconds) : null };
        var resolver = new Resolver(options, clock, (_, _) =>
        {
            asked++;
            return Task.FromResult<IPAddress[]>([IPAddress.Loopback]);
        });

        foreach (var step in (int[])[0, 9, 1, 5])
        {
            clock.Advance(TimeSpan.FromSeconds(step));
            (await resolver.ResolveAsync("a.test", 80)).ShouldBe([IPAddress.Loopback]);
        }

        asked.ShouldBe(lookUps);
    }

    [Fact]
    public async Task Name_servers_are_asked_instead_of_the_systems_resolver()
    {
        using var server = new UdpClient(new IPEndPoint(IPAddress.Loopback, 0));
        var answering = AnswerAsync(server);
        var options = new FetchOptions { NameServers = new NameServers([(IPEndPoint)server.Client.LocalEndPoint!]) };
        var resolver = new Resolver(options, TimeProvider.System);

        (await resolver.ResolveAsync("fetched.test", 80)).ShouldBe([IPAddress.Parse("127.0.0.9")]);
        (await Should.ThrowAsync<FetchException>(resolver.ResolveAsync("unknown.test", 80))).Error.Kind.ShouldBe(FetchErrorKind.Dns);
        (await resolver.ResolveAsync("localhost", 80)).ShouldContain(IPAddress.Loopback);
        server.Dispose();
        await answering;
    }

    /// <summary>Answers A of fetched.test with 127.0.0.9, its AAAA with nothing, and all else with NXDOMAIN.</summary>
    private static async Task AnswerAsync(UdpClient server)
    {
        const int HeaderLength = 12, TypeA = 1, ResponseNoError = 0x8180, ResponseNoName = 0x8183;
        try
        {
            while (true)
            {
                var query = await server.ReceiveAsync();
                var end = query.Buffer.AsSpan(HeaderLength).IndexOf((byte)0) + HeaderLength + 5;
                var question = query.Buffer[HeaderLength..end];
                var isKnown = Encoding.ASCII.GetString(question).Contains("fetched", StringComparison.OrdinalIgnoreCase);
                var hasAddress = isKnown && question[^3] == TypeA;
                byte[] answer = [.. query.Buffer[..2], 0, 0, 0, 1, 0, (byte)(hasAddress ? 1 : 0), 0, 0, 0, 0, .. question];
                BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)(isKnown ? ResponseNoError : ResponseNoName));
                answer = hasAddress ? [.. answer, 0xC0, HeaderLength, 0, TypeA, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 9] : answer;
                await server.SendAsync(answer, query.RemoteEndPoint);
            }
        }
        catch (Exception e) when (e is ObjectDisposedException or SocketException)
        {
            // The test is over.
        }
    }
}
