using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Text.Json;
using Fetcher.Tests.Saving;
using Fetcher.Tests.Testing;
using static Fetcher.Tests.Testing.Scripts;

namespace Fetcher.Tests.EndToEnd;

/// <summary>
/// A bad network of the test's own: a namespace where ports are few, the interface is slow, drops packets or goes away, and names are looked up at a
/// server that is dead, slow or mad. The embedded origin runs in the namespace too.
/// </summary>
public sealed class NetworkFaultTests
{
    private const string NeedsNamespace = "unshare -n ip link set lo up";
    private const string InNamespace = "exec unshare -n bash -c 'ip link set lo up; {0}' bash \"$@\"";
    private const string NoNamespace = "a network namespace cannot be made here";

    /// <summary>A page of the embedded origin that is short and comes soon.</summary>
    private const string Page = "http://a.test/?body=2000&delay=0.005";

    public static TheoryData<string> Modes => ["async", "blocking-read", "threads", "io-uring", "httpclient"];

    [Theory]
    [Trait("needs", "namespace")]
    [MemberData(nameof(Modes))]
    public async Task A_few_local_ports_are_shared(string mode)
    {
        await Shell.NeedsAsync(NeedsNamespace, NoNamespace);
        const string ports = "echo 40000 40009 > /proc/sys/net/ipv4/ip_local_port_range && exec \"$@\"";

        var ran = await RunAsync(ports, Page, "--count", "300", "--concurrency", "60", "--mode", mode, "--retry", "0");

        ShouldAllBeOk(ran, 300);
        ran.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("local_port").GetInt32()).ShouldAllBe(port => port >= 40000 && port <= 40009);
    }

    [Theory]
    [Trait("needs", "namespace")]
    [MemberData(nameof(Modes))]
    public async Task An_interface_that_goes_away_for_a_while_costs_no_result(string mode)
    {
        await Shell.NeedsAsync(NeedsNamespace, NoNamespace);
        const string blink = "while sleep 0.3; do ip link set lo down; sleep 0.1; ip link set lo up; done >/dev/null 2>&1 & \"$@\"; kill $!";

        var ran = await RunAsync(
            blink,
            Page, "--count", "200", "--concurrency", "8", "--rate", "200/s", "--mode", mode, "--retry", "50", "--retry-delay", "0.05", "--retry-all-errors");

        ShouldAllBeOk(ran, 200);
    }

    [Theory]
    [Trait("needs", "namespace")]
    [MemberData(nameof(Modes))]
    public async Task A_narrow_link_that_drops_what_does_not_fit_costs_no_result(string mode)
    {
        // A token bucket whose queue has room for a few packets: the rest is lost and has to be sent again.
        await Shell.NeedsAsync(NeedsNamespace + " && unshare -n tc qdisc add dev lo root tbf rate 1mbit burst 10kb limit 10kb", "there is no tc, or no tbf in the kernel");
        const string narrow = "ip link set lo mtu 1500 && tc qdisc add dev lo root tbf rate 40mbit burst 8kb limit 12kb && exec \"$@\"";

        var ran = await RunAsync(narrow, "http://a.test/bytes/20000", "--count", "60", "--concurrency", "20", "--mode", mode, "--sha256");

        ShouldAllBeOk(ran, 60);
        ran.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("sha256").GetString()).Distinct().Count().ShouldBe(1);
    }

    [Theory]
    [MemberData(nameof(Modes))]
    public async Task A_server_that_loses_every_fifth_packet_costs_no_result(string mode)
    {
        await using var server = new ScriptedServer(Answer(Ok(new string('x', 50_000)))) { OnAccepted = LoseSomePackets };
        var urls = Enumerable.Range(0, 40).Select(i => server.Url($"/{i}")).ToArray();

        var outcomes = await ModeRun.FetchAsync(mode, ModeRun.Options with { Concurrency = 20 }, urls);

        outcomes.ShouldAllBe(outcome => outcome.Message == null && outcome.SizeBody == 50_000);
        outcomes.Count.ShouldBe(40);
    }

    [Theory]
    [Trait("needs", "root")]
    [InlineData("async", "dead")]
    [InlineData("async", "silent")]
    [InlineData("async", "mad")]
    [InlineData("async", "slow")]
    [InlineData("httpclient", "mad")]
    [InlineData("httpclient", "slow")]
    public async Task Names_are_looked_up_at_a_server_that_is_(string mode, string how)
    {
        await Shell.NeedsAsync("unshare -m mount --bind /dev/null /etc/resolv.conf", "a mount namespace cannot be made here");
        using var names = NameServer.TryStart(how);
        Assert.SkipWhen(names is null, "port 53 cannot be had here");
        await using var server = new ScriptedServer(Answer(Ok()));
        using var folder = new TempFolder();
        await File.WriteAllTextAsync(folder["resolv.conf"], $"nameserver {names.Address}\noptions timeout:1 attempts:1\n");
        await File.WriteAllTextAsync(folder["urls"], $"{server.Url("/", "one.test")}\n{server.Url()}\n{server.Url("/", "two.test")}\n");

        var ran = await Shell.RunAsync("exec unshare -m bash -c 'mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"' \"$@\"", [
            folder["resolv.conf"], FetcherProcess.Executable, folder["urls"], "--mode", mode, "-4", "--retry", "0", "--format", "ndjson", "--order", "input",
        ]);

        var codes = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement.GetProperty("exitcode").GetInt32());
        codes.ShouldBe(how == "slow" ? [0, 0, 0] : [6, 0, 6], ran.Output + ran.Error);
    }

    /// <summary>A filter before the socket (BPF, socket(7) SO_ATTACH_FILTER): load a random number, and keep the packet in four cases of five.</summary>
    private static void LoseSomePackets(Socket socket)
    {
        const int attachFilter = 26, level = 1;
        (ushort Code, byte True, byte False, uint Value)[] program =
        [
            (0x20, 0, 0, unchecked((uint)(-0x1000 + 56))), (0x25, 0, 1, uint.MaxValue / 5), (0x06, 0, 0, uint.MaxValue), (0x06, 0, 0, 0),
        ];
        var code = program.SelectMany(step => (byte[])[.. BitConverter.GetBytes(step.Code), step.True, step.False, .. BitConverter.GetBytes(step.Value)]).ToArray();
        var pinned = GCHandle.Alloc(code, GCHandleType.Pinned);
        try
        {
            byte[] option = [.. BitConverter.GetBytes((long)program.Length), .. BitConverter.GetBytes(pinned.AddrOfPinnedObject())];
            socket.SetRawSocketOption(level, attachFilter, option);
        }
        finally
        {
            pinned.Free();
        }
    }

    private static Task<Ran> RunAsync(string script, params string[] arguments) => Shell.RunAsync(
        InNamespace.Replace("{0}", script, StringComparison.Ordinal), [FetcherProcess.Executable, "--lab", "--format", "ndjson", "-q", .. arguments]);

    private static void ShouldAllBeOk(Ran ran, int count)
    {
        var results = ran.Lines.Select(line => JsonDocument.Parse(line).RootElement).ToList();
        results.Where(result => !result.GetProperty("ok").GetBoolean()).Select(result => result.GetProperty("error").ToString()).Distinct().ShouldBeEmpty();
        results.Select(result => result.GetProperty("index").GetInt32()).Order().SequenceEqual(Enumerable.Range(0, count)).ShouldBeTrue(ran.Error);
    }

    /// <summary>A name server on a loopback address of its own, in one of several moods.</summary>
    private sealed class NameServer : IDisposable
    {
        private readonly Socket _socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);

        public required IPAddress Address { get; init; }

        public static NameServer? TryStart(string how)
        {
            // Tests run beside one another, each with an address of its own.
            var server = new NameServer { Address = new IPAddress([127, (byte)Random.Shared.Next(1, 255), (byte)Random.Shared.Next(1, 255), 53]) };
            try
            {
                server._socket.Bind(new IPEndPoint(server.Address, 53));
            }
            catch (SocketException)
            {
                server.Dispose();
                return null;
            }

            if (how == "dead")
            {
                server.Dispose();
            }
            else
            {
                new Thread(() => server.Serve(how)) { IsBackground = true }.Start();
            }

            return server;
        }

        public void Dispose() => _socket.Dispose();

        private static byte[] Answer(ReadOnlySpan<byte> query, string how)
        {
            if (how == "mad")
            {
                // The question's number and flags of an answer, so that it is read, and then nonsense: pointers to themselves.
                return [.. query[..2], 0x81, 0x80, 0, 1, 0, 255, 0, 255, 0, 255, .. Enumerable.Repeat<byte>(0xC0, 400)];
            }

            byte[] answer = [.. query];
            (answer[2], answer[3], answer[7], answer[11]) = (0x81, 0x80, 1, 0);
            return [.. answer, 0xC0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 127, 0, 0, 1];
        }

        private void Serve(string how)
        {
            var buffer = new byte[2048];
            try
            {
                while (true)
                {
                    EndPoint from = new IPEndPoint(IPAddress.Any, 0);
                    var length = _socket.ReceiveFrom(buffer, ref from);
                    if (how == "slow")
                    {
                        Thread.Sleep(200);
                    }

                    if (how != "silent")
                    {
                        // Without the additional section that a resolver may add: the question ends four bytes after the name's zero.
                        var end = Array.IndexOf(buffer, (byte)0, 12) + 5;
                        _socket.SendTo(Answer(buffer.AsSpan(0, Math.Min(end, length)), how), from);
                    }
                }
            }
            catch (Exception e) when (e is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
