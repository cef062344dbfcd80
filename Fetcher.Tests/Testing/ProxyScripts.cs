using System.Net;
using System.Text;

namespace Fetcher.Tests.Testing;

/// <summary>What the connections of a <see cref="ScriptedServer"/> do that plays a proxy.</summary>
internal static class ProxyScripts
{
    /// <summary>Grants every CONNECT and leads to a port on loopback, whatever was asked for.</summary>
    public static Func<ScriptedConnection, Task> Tunnel(int port, string answer = "HTTP/1.1 200 Connection established\r\n\r\n") => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(answer);
        await connection.RelayAsync(port);
    };

    /// <summary>Speaks SOCKS 5, and leads to a port on loopback.</summary>
    /// <param name="port">Where to.</param>
    /// <param name="asked">Told what was asked for, like <c>a.test:80</c>.</param>
    /// <param name="login">What it wants for a login, like <c>me:secret</c>; null for none.</param>
    /// <param name="reply">The reply to the request (RFC 1928, section 6); 0 is success.</param>
    /// <param name="loginBytes">Told the login that comes, whatever it is; null when <paramref name="login"/> says which is right.</param>
    public static Func<ScriptedConnection, Task> Socks(
        int port, Action<string>? asked = null, string? login = null, byte reply = 0, Action<byte[]>? loginBytes = null) => async connection =>
    {
        var methods = await connection.ReadBytesAsync((await connection.ReadBytesAsync(2))[1]);
        var method = (byte)(login is null && loginBytes is null ? 0 : 2);
        await connection.SendAsync([5, methods.Contains(method) ? method : (byte)0xFF]);
        if (method == 2)
        {
            var user = await connection.ReadBytesAsync((await connection.ReadBytesAsync(2))[1]);
            var password = await connection.ReadBytesAsync((await connection.ReadBytesAsync(1))[0]);
            loginBytes?.Invoke([.. user, (byte)':', .. password]);
            var isRight = loginBytes is not null || $"{Encoding.UTF8.GetString(user)}:{Encoding.UTF8.GetString(password)}" == login;
            await connection.SendAsync([1, isRight ? (byte)0 : (byte)1]);
        }

        var request = await connection.ReadBytesAsync(4);
        var host = request[3] == 3
            ? Encoding.ASCII.GetString(await connection.ReadBytesAsync((await connection.ReadBytesAsync(1))[0]))
            : new IPAddress(await connection.ReadBytesAsync(request[3] == 4 ? 16 : 4)).ToString();
        var portBytes = await connection.ReadBytesAsync(2);
        asked?.Invoke($"{host}:{(portBytes[0] << 8) + portBytes[1]}");

        // A name for the address it uses, as some proxies have it: the longest form of an answer.
        await connection.SendAsync([5, reply, 0, 3, 4, .. "here"u8, 0, 80]);
        if (reply == 0)
        {
            await connection.RelayAsync(port);
        }
    };
}
