using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Fetcher.Core.Net;

/// <summary>Judges the certificate of one handshake, and remembers why it was refused, since the handshake's exception does not say.</summary>
internal sealed class TlsVerdict(bool insecure)
{
    /// <summary>Every reason why it was refused, or null.</summary>
    public string? Refusal { get; private set; }

    /// <summary>What <see cref="SslClientAuthenticationOptions.RemoteCertificateValidationCallback"/> asks.</summary>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None || insecure)
        {
            return true;
        }

        Refusal = string.Join("; ", Reasons(certificate, chain, errors).Distinct());
        return false;
    }

    private static IEnumerable<string> Reasons(X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNotAvailable))
        {
            yield return "the server sent none";
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            yield return $"it is for another host ({certificate?.Subject})";
        }

        for (var i = 0; i < chain?.ChainElements.Count; i++)
        {
            var element = chain.ChainElements[i];
            foreach (var status in element.ChainElementStatus)
            {
                yield return Reason(status, element.Certificate, isServers: i == 0);
            }
        }
    }

    private static string Reason(X509ChainStatus status, X509Certificate2 certificate, bool isServers)
    {
        var it = isServers ? "it" : $"the certificate of its issuer, {certificate.Subject},";
        return status.Status switch
        {
            X509ChainStatusFlags.NotTimeValid when DateTime.Now < certificate.NotBefore => $"{it} is not valid yet",
            X509ChainStatusFlags.NotTimeValid => $"{it} has expired",
            X509ChainStatusFlags.NotValidForUsage => $"{it} is not for servers",
            X509ChainStatusFlags.UntrustedRoot when isServers => "it is self-signed",
            X509ChainStatusFlags.UntrustedRoot => $"its root, {certificate.Subject}, is not trusted",
            X509ChainStatusFlags.PartialChain => $"its issuer, {certificate.Issuer}, is neither known nor sent along",
            _ => $"{it} is not right: {status.StatusInformation.TrimEnd('.')}",
        };
    }
}
