using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Fetcher.Core.Interop;
using Fetcher.Core.Loop;

namespace Fetcher.Core.Net;

/// <summary>Where connections begin (curl's <c>--interface</c>): at a network device, or at an address of this machine.</summary>
internal sealed class LocalBinding
{
    private readonly string? _device;
    private readonly IPAddress[] _addresses;

    /// <param name="text">An address, or the name of a device.</param>
    /// <exception cref="FetchSetupException">It is neither.</exception>
    public LocalBinding(string text)
    {
        if (IPAddress.TryParse(text, out var address))
        {
            _addresses = [address];
            return;
        }

        var device = NetworkInterface.GetAllNetworkInterfaces().FirstOrDefault(device => device.Name == text)
            ?? throw new FetchSetupException($"--interface {text}: there is no network device of that name, and it is no address");
        _device = text;
        _addresses = [.. device.GetIPProperties().UnicastAddresses.Select(unicast => unicast.Address)];
    }

    /// <summary>Has a socket that is not connected yet begin there.</summary>
    /// <exception cref="FetchException">It cannot (curl's 45).</exception>
    public void Apply(LoopSocket socket, AddressFamily family)
    {
        if (_device is not null && !socket.TryBindToDevice(_device).IsError)
        {
            return;
        }

        var result = socket.TryBind(new SockAddr(AddressOf(family), 0));
        if (result.IsError)
        {
            throw Failed(result.Message);
        }
    }

    /// <summary>The same for a socket of .NET.</summary>
    /// <inheritdoc cref="Apply(LoopSocket, AddressFamily)"/>
    public void Apply(Socket socket)
    {
        try
        {
            if (_device is null || Libc.BindToDevice((int)socket.Handle, _device).IsError)
            {
                socket.Bind(new IPEndPoint(AddressOf(socket.AddressFamily), 0));
            }
        }
        catch (SocketException e)
        {
            throw Failed(e.Message, e);
        }
    }

    /// <summary>The address to begin at, where a device may not be asked for by name (that takes a privilege on some kernels), or is none.</summary>
    private IPAddress AddressOf(AddressFamily family) =>
        Array.Find(_addresses, address => address.AddressFamily == family)
            ?? throw Failed($"it has no {(family == AddressFamily.InterNetwork ? "IPv4" : "IPv6")} address");

    private FetchException Failed(string why, Exception? inner = null) =>
        Failures.NotBound.Of(_device ?? _addresses[0].ToString(), why).Thrown(inner);
}
