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
    /// For a process that trusts others (--cacert), or anybody (-k): has .NET find no system certificates. Only before other threads run, and before the
    /// first TLS connection. Measured for one https URL: 26 ms of CPU instead of 124.
    /// </summary>
    public static void LeaveUnread()
    {
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
