using System.Net;
using System.Net.Sockets;
using DnsClient;
using Fetcher.Core;

namespace Fetcher.Commands;

/// <summary>Asks name servers of the user's choice (<c>--dns-servers</c>), by UDP and, for long answers, TCP.</summary>
/// <param name="servers">The servers, asked in this order.</param>
internal sealed class NameServers(IReadOnlyList<IPEndPoint> servers) : INameServers
{
    private readonly LookupClient _client = new(new LookupClientOptions([.. servers])
    {
        // The run keeps answers by its own rule, and its own limit of time is the option's.
        UseCache = false,
        UseRandomNameServer = false,
        ThrowDnsErrors = false,
        ContinueOnDnsError = true,
        Timeout = TimeSpan.FromSeconds(3),
        Retries = 1,
    });

    public IReadOnlyList<string> Addresses => [.. servers.Select(server => server.ToString())];

    public async Task<IPAddress[]> LookUpAsync(string host, AddressFamily family)
    {
        QueryType[] types = family switch
        {
            AddressFamily.InterNetwork => [QueryType.A],
            AddressFamily.InterNetworkV6 => [QueryType.AAAA],
            _ => [QueryType.A, QueryType.AAAA],
        };
        try
        {
            var answers = await Task.WhenAll(types.Select(type => _client.QueryAsync(host, type))).ConfigureAwait(false);
            IPAddress[] addresses = [.. answers.SelectMany(answer => answer.Answers.AddressRecords()).Select(record => record.Address)];
            return addresses.Length > 0 || !answers.All(answer => answer.HasError)
                ? addresses
                : throw new NameServerException(answers[0].ErrorMessage);
        }
        catch (DnsResponseException e)
        {
            // The library has a code for a silence and none for a refusal.
            throw new NameServerException(e.Code is DnsResponseCode.ConnectionTimeout or DnsResponseCode.Unassigned
                ? $"no answer from {string.Join(", ", Addresses)}"
                : e.DnsError ?? e.Message);
        }
    }
}
