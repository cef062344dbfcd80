using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Queue.Redis;

/// <summary>Whether the certificate of an engine is trusted.</summary>
internal static class TlsTrust
{
    /// <summary>Why it is not, or null when it is.</summary>
    /// <param name="certificate">That of the engine.</param>
    /// <param name="chain">What it came with.</param>
    /// <param name="errors">What .NET found by the system's authorities.</param>
    /// <param name="authorities">Those to trust instead, or null.</param>
    public static string? WhyNot(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors, X509Certificate2Collection? authorities)
    {
        if (certificate is null || errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            return "there is none";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            return "it is for another host";
        }

        if (authorities is null)
        {
            return errors == SslPolicyErrors.None ? null : "no authority that this machine trusts has signed it";
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        foreach (var element in chain?.ChainElements ?? Enumerable.Empty<X509ChainElement>())
        {
            own.ChainPolicy.ExtraStore.Add(element.Certificate);
        }

        using var ours = new X509Certificate2(certificate);
        return own.Build(ours) ? null : "no authority of --queue-cacert has signed it, or it is not valid now";
    }
}
