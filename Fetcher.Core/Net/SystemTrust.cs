using System.Security.Cryptography.X509Certificates;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Net;

/// <summary>
/// The system's trusted certificates. .NET reads them all at the first chain it builds, whether or not they are asked for: 95 ms of CPU with 140 of
/// them, during which a loop would stand still.
/// </summary>
internal static class SystemTrust
{
    private static readonly Lazy<Task> Reading = new(() => Task.Run(Read));

    /// <summary>Ends when they are read, on a thread of the pool; begins with the first use.</summary>
    internal static Task Loaded => Reading.Value;

    /// <summary>
    /// Whether anything is looked up among them: a server's certificate, that of an https proxy, or the chain of our own one (--cert). What is verified
    /// against other certificates (--cacert, --proxy-cacert, --lab), or not at all (-k, --proxy-insecure), is not.
    /// </summary>
    public static bool IsNeeded(FetchOptions options) =>
        options.CertPath is not null
        || options is { Lab: null, Insecure: false, CaCertPath: null }
        || (options is { Lab: null, UnixSocket: null, Proxies: { Insecure: false, CaCertPath: null } proxies }
            && (proxies.ForHttp is { Scheme: ProxyScheme.Https } || proxies.ForHttps is { Scheme: ProxyScheme.Https }));

    /// <summary>
    /// Has .NET find no system certificates in this process, unless <paramref name="options"/> need them. Only before the first TLS connection, and while no
    /// other thread reads the environment (setenv(3)). Measured for one https URL: 26 ms of CPU instead of 124.
    /// </summary>
    public static void LeaveUnreadUnlessNeeded(FetchOptions options)
    {
        if (IsNeeded(options))
        {
            return;
        }

        // OpenSSL's own names for the places where it looks.
        Libc.SetEnvironment("SSL_CERT_FILE", "/dev/null").OrThrow("setenv");
        Libc.SetEnvironment("SSL_CERT_DIR", "/dev/null").OrThrow("setenv");
    }

    private static void Read()
    {
        using var store = new X509Store(StoreName.Root, StoreLocation.LocalMachine, System.Security.Cryptography.X509Certificates.OpenFlags.ReadOnly);
        foreach (var certificate in store.Certificates)
        {
            certificate.Dispose();
        }
    }
}
