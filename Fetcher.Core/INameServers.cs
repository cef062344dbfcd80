using System.Net;
using System.Net.Sockets;

namespace Fetcher.Core;

/// <summary>Name servers that are asked instead of the system's resolver.</summary>
internal interface INameServers
{
    /// <summary>Where they are, for reports.</summary>
    IReadOnlyList<string> Addresses { get; }

    /// <summary>The addresses of a host; none when it has none.</summary>
    /// <exception cref="NameServerException">No server could tell.</exception>
    Task<IPAddress[]> LookUpAsync(string host, AddressFamily family);
}

/// <summary>Name servers could not tell the addresses of a host.</summary>
internal sealed class NameServerException(string message) : Exception(message);
