using System.Net;
using Fetcher.Commands;
using Fetcher.Core;

namespace Fetcher.Tests.Commands;

public sealed class AddressTextTests
{
    [Theory]
    [InlineData("example.com:443:127.0.0.1", "example.com", 443, "127.0.0.1")]
    [InlineData("example.com:80:127.0.0.1,::1,[fe80::2]", "example.com", 80, "127.0.0.1 ::1 fe80::2")]
    [InlineData("*:443:[::1]", "*", 443, "::1")]
    [InlineData("[::5]:65535:10.0.0.1", "::5", 65535, "10.0.0.1")]
    [InlineData("+example.com:80:127.0.0.1", "example.com", 80, "127.0.0.1")]
    [InlineData("+*:80:127.0.0.1", "*", 80, "127.0.0.1")]
    public void A_host_and_port_get_addresses(string text, string host, int port, string addresses)
    {
        var entry = AddressText.Resolve(text);

        (entry.Host, entry.Port).ShouldBe((host, port));
        entry.Addresses.ShouldBe(addresses.Split(' ').Select(IPAddress.Parse));
    }

    [Theory]
    [InlineData("")]
    [InlineData("example.com")]
    [InlineData("example.com:443")]
    [InlineData("example.com:443:")]
    [InlineData(":443:127.0.0.1")]
    [InlineData("example.com::127.0.0.1")]
    [InlineData("example.com:0:127.0.0.1")]
    [InlineData("example.com:65536:127.0.0.1")]
    [InlineData("example.com:http:127.0.0.1")]
    [InlineData("[::1:443:127.0.0.1")]
    [InlineData("[host]:443:127.0.0.1")]
    [InlineData("-example.com")]
    [InlineData("-example.com:")]
    [InlineData("-:80")]
    [InlineData("-example.com:80:127.0.0.1")]
    public void A_resolve_entry_of_another_form_is_refused(string text) =>
        Refusal(() => AddressText.Resolve(text)).ShouldStartWith($"'{text}' is not of the form HOST:PORT:ADDR");

    [Theory]
    [InlineData("a:80:127.0.0.2 A:80:127.0.0.1", "127.0.0.1")]
    [InlineData("a:80:127.0.0.2 b:80:127.0.0.3 a:81:127.0.0.4", "127.0.0.2 127.0.0.3 127.0.0.4")]
    [InlineData("a:80:127.0.0.2 -a:80", "")]
    [InlineData("-a:80 a:80:127.0.0.1", "127.0.0.1")]
    public void Of_entries_for_the_same_the_last_counts_and_may_take_it_back(string entries, string addresses) =>
        string.Join(' ', AddressText.InForce(entries.Split(' ').Select(AddressText.Resolve)).SelectMany(entry => entry.Addresses)).ShouldBe(addresses);

    [Theory]
    [InlineData("1")]
    [InlineData("127.1")]
    [InlineData("localhost")]
    [InlineData("[::1")]
    public void A_resolve_entry_has_addresses_only(string address) =>
        Refusal(() => AddressText.Resolve($"a:80:127.0.0.1,{address}")).ShouldBe($"'{address}' is not an IP address");

    [Theory]
    [InlineData("a:80:b:8080", "a", 80, "b", 8080)]
    [InlineData("::b:8080", "", 0, "b", 8080)]
    [InlineData("a:80::", "a", 80, "", 0)]
    [InlineData(":::", "", 0, "", 0)]
    [InlineData("::b", "", 0, "b", 0)]
    [InlineData("a:80:[::1]", "a", 80, "::1", 0)]
    [InlineData("[::1]:80:[fe80::2]:81", "::1", 80, "fe80::2", 81)]
    public void A_connection_goes_elsewhere(string text, string fromHost, int fromPort, string toHost, int toPort) =>
        AddressText.ConnectTo(text).ShouldBe(new ConnectTo(fromHost, fromPort, toHost, toPort));

    [Theory]
    [InlineData("")]
    [InlineData("a:80")]
    [InlineData("a:80:b:81:c")]
    [InlineData("a:0:b:81")]
    [InlineData("a:x:b:81")]
    [InlineData("a:80:b:99999")]
    [InlineData("[::1:80:b:81")]
    [InlineData("[x]:80:b:81")]
    public void A_connect_to_entry_of_another_form_is_refused(string text) =>
        Refusal(() => AddressText.ConnectTo(text)).ShouldStartWith($"'{text}' is not of the form HOST1:PORT1:HOST2:PORT2");

    private static string Refusal<T>(Func<T> parse) => Should.Throw<FormatException>(() => parse()).Message;
}
