namespace Fetcher.Core.Net;

/// <summary>
/// The secrets of TLS sessions in the file that the environment variable SSLKEYLOGFILE names, for Wireshark and the like. .NET writes them, when it is
/// allowed to, and only then.
/// </summary>
internal static class SessionSecrets
{
    /// <summary>Lets .NET write them when the variable is set. For the program, before its first TLS connection.</summary>
    public static void LogIfAsked()
    {
        if (Environment.GetEnvironmentVariable("SSLKEYLOGFILE") is { Length: > 0 })
        {
            AppContext.SetSwitch("System.Net.EnableSslKeyLogging", isEnabled: true);
        }
    }
}
