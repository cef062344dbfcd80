using System.Globalization;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Core;
using StackExchange.Redis;

namespace Fetcher.Queue.Redis;

/// <summary>Connects to an engine and sees to it that a job would be safe there.</summary>
internal static class RedisQueue
{
    private static readonly Version Oldest = new(7, 0);

    /// <summary>Within this a connection is made or refused.</summary>
    private static readonly TimeSpan ConnectBound = TimeSpan.FromSeconds(4);

    /// <summary>Opens the store of a job.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="caCertPath">PEM file of the authority to trust for <c>rediss</c> instead of the system's, or null.</param>
    /// <param name="warn">Told what is odd, a sentence each.</param>
    /// <exception cref="FetchSetupException">It cannot be reached within 4 s, or the job would not be safe there.</exception>
    public static async Task<RedisLeaseStore> OpenAsync(RedisAddress address, string? caCertPath, Action<string> warn)
    {
        var failure = new TlsFailure();
        var options = Options(address, caCertPath, failure);
        ConnectionMultiplexer connection;
        try
        {
            connection = await ConnectionMultiplexer.ConnectAsync(options).WaitAsync(ConnectBound).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RedisException or TimeoutException or IOException)
        {
            throw new FetchSetupException($"the queue {address} cannot be used: {Reason(e, failure)}", e);
        }

        var store = new RedisLeaseStore(connection, address);
        try
        {
            Check(address, await store.InfoAsync().WaitAsync(ConnectBound).ConfigureAwait(false), warn);
            return store;
        }
        catch (Exception e)
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw e is FetchSetupException ? e : new FetchSetupException($"the queue {address} cannot be used: {e.Message}", e);
        }
    }

    /// <exception cref="FetchSetupException">It is too old, or may drop the job.</exception>
    internal static void Check(RedisAddress address, IReadOnlyDictionary<string, string> info, Action<string> warn)
    {
        var version = info.GetValueOrDefault("redis_version", "0.0");
        if (!Version.TryParse(version, out var number) || number < Oldest)
        {
            throw new FetchSetupException($"the queue {address} cannot be used: the engine is Redis {version}, and 7.0 or newer is needed (or Valkey)");
        }

        if (info.GetValueOrDefault("redis_mode") == "cluster" && address.Database != 0)
        {
            throw new FetchSetupException($"the queue {address} cannot be used: a cluster has no database but 0; leave ?db= out");
        }

        if (info.GetValueOrDefault("maxmemory_policy", "noeviction") is not "noeviction" and var policy)
        {
            throw new FetchSetupException(
                $"the queue {address} cannot be used: its engine drops data when it is full (maxmemory-policy {policy}); set maxmemory-policy to noeviction");
        }

        if (info.GetValueOrDefault("aof_enabled") == "0")
        {
            warn($"the engine of {address} writes no append-only file, so a restart loses the job; start it with --appendonly yes");
        }
    }

    private static ConfigurationOptions Options(RedisAddress address, string? caCertPath, TlsFailure failure)
    {
        var options = new ConfigurationOptions
        {
            EndPoints = { { address.Host, address.Port } },
            DefaultDatabase = address.Database,
            User = address.User,
            Password = address.Password,
            ClientName = "fetcher",
            Ssl = address.IsTls,
            SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            AbortOnConnectFail = true,

            // INFO counts as a command for administrators; no other is given.
            AllowAdmin = true,
            ConnectRetry = 1,
            ConnectTimeout = (int)ConnectBound.TotalMilliseconds - 500,
            AsyncTimeout = 5000,
            KeepAlive = 5,

            // What waits for a connection is asked again by whoever asked, who also knows how long that makes sense.
            BacklogPolicy = BacklogPolicy.FailFast,
            ReconnectRetryPolicy = new LinearRetry(500),
            IncludeDetailInExceptions = false,
        };
        if (address.IsTls)
        {
            var authorities = caCertPath is null ? null : Authorities(caCertPath);
            options.CertificateValidation += (_, certificate, chain, errors) => failure.Note(TlsTrust.WhyNot(certificate, chain, errors, authorities));
        }

        return options;
    }

    private static X509Certificate2Collection Authorities(string path)
    {
        var authorities = new X509Certificate2Collection();
        try
        {
            authorities.ImportFromPemFile(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Security.Cryptography.CryptographicException)
        {
            throw new FetchSetupException($"{path} cannot be used: {e.Message}", e);
        }

        return authorities.Count > 0 ? authorities : throw new FetchSetupException($"{path} has no certificate in it (PEM)");
    }

    private static string Reason(Exception e, TlsFailure failure) =>
        failure.Reason is { } reason ? $"its certificate is not accepted: {reason}"
        : e.ToString() is var all && (all.Contains("WRONGPASS", StringComparison.Ordinal) || all.Contains("NOAUTH", StringComparison.Ordinal))
            ? "it does not accept the user and password"
        : e is TimeoutException ? string.Create(CultureInfo.InvariantCulture, $"no answer within {ConnectBound.TotalSeconds} s")
        : "nobody answers there";

    /// <summary>Why a certificate was refused.</summary>
    private sealed class TlsFailure
    {
        public string? Reason { get; private set; }

        public bool Note(string? reason)
        {
            Reason = reason ?? Reason;
            return reason is null;
        }
    }
}
