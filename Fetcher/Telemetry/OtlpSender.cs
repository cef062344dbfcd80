using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Fetcher.Core;

namespace Fetcher.Telemetry;

/// <summary>
/// Posts requests to a collector, by HTTP or by gRPC (https://opentelemetry.io/docs/specs/otlp/), and again when it is busy. OpenTelemetry's own exporter would make
/// the native binary 1.8 MB larger, and says of spans that it loses only to an EventSource, which the binary has none of.
/// </summary>
internal sealed class OtlpSender : IDisposable
{
    private const int GrpcPrefix = 5;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(0.1), LongestPause = TimeSpan.FromSeconds(2);

    private readonly OtlpTarget _target;
    private readonly HttpClient _client;

    /// <exception cref="FetchSetupException">A file of certificates cannot be used.</exception>
    public OtlpSender(OtlpTarget target)
    {
        _target = target;
        _client = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
            SslOptions = Tls(target),
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
            MaxResponseContentBufferSize = 1 << 20,
        };
    }

    /// <summary>Whether the run is over, and a collector that is not there is not waited for.</summary>
    public bool IsEnding { get; set; }

    /// <summary>Sends a message, and again until it has been taken, it is certain that it will not be, or the time is over.</summary>
    /// <param name="message">An Export...ServiceRequest.</param>
    /// <param name="stop">Ends the waiting.</param>
    public async Task<OtlpAnswer> SendAsync(ReadOnlyMemory<byte> message, CancellationToken stop)
    {
        using var bound = CancellationTokenSource.CreateLinkedTokenSource(stop);
        bound.CancelAfter(_target.Timeout);
        var body = Body(message);
        for (var pause = FirstPause; ; pause = pause < LongestPause ? 2 * pause : LongestPause)
        {
            var answer = await TryAsync(body, bound.Token);
            if (!answer.MayPass || bound.IsCancellationRequested || (IsEnding && answer.IsUnreachable))
            {
                return answer;
            }

            await Task.Delay(answer.RetryAfter ?? pause, bound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (bound.IsCancellationRequested)
            {
                return answer;
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private static SslClientAuthenticationOptions Tls(OtlpTarget target)
    {
        var options = new SslClientAuthenticationOptions();
        try
        {
            if (target.CaCertPath is { } trusted)
            {
                var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
                policy.CustomTrustStore.ImportFromPemFile(trusted);
                options.CertificateChainPolicy = policy;
            }

            if (target.CertPath is { } own)
            {
                options.ClientCertificates = [X509Certificate2.CreateFromPemFile(own, target.KeyPath)];
            }
        }
        catch (Exception e) when (e is CryptographicException or IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException($"the certificates for {target.Address} cannot be used: {e.Message}");
        }

        return options;
    }

    private byte[] Body(ReadOnlyMemory<byte> message)
    {
        using var body = new MemoryStream();
        if (_target.IsGrpc)
        {
            body.Write(stackalloc byte[GrpcPrefix]);
        }

        if (_target.Gzip)
        {
            using var packed = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true);
            packed.Write(message.Span);
        }
        else
        {
            body.Write(message.Span);
        }

        var bytes = body.ToArray();
        if (_target.IsGrpc)
        {
            bytes[0] = (byte)(_target.Gzip ? 1 : 0);
            BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(1), bytes.Length - GrpcPrefix);
        }

        return bytes;
    }

    private async Task<OtlpAnswer> TryAsync(byte[] body, CancellationToken cancellation)
    {
        try
        {
            using var request = Request(body);
            using var response = await _client.SendAsync(request, cancellation);
            var answer = await response.Content.ReadAsByteArrayAsync(cancellation);
            return _target.IsGrpc ? OfGrpc(response, answer) : OfHttp(response, answer);
        }
        catch (OperationCanceledException)
        {
            return new OtlpAnswer("no answer came in time");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new OtlpAnswer((e.InnerException ?? e).Message)
            {
                MayPass = true,
                IsUnreachable = e is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
                },
            };
        }
    }

    private HttpRequestMessage Request(byte[] body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, _target.Url)
        {
            Version = _target.IsGrpc ? HttpVersion.Version20 : HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(_target.IsGrpc ? "application/grpc" : "application/x-protobuf") } },
        };
        if (_target.Gzip && !_target.IsGrpc)
        {
            request.Content.Headers.ContentEncoding.Add("gzip");
        }

        foreach (var (name, value) in _target.Headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        request.Headers.TryAddWithoutValidation("User-Agent", "fetcher/" + ThisAssembly.Version);
        if (_target.IsGrpc)
        {
            request.Headers.TryAddWithoutValidation("TE", "trailers");
            if (_target.Gzip)
            {
                request.Headers.TryAddWithoutValidation("grpc-encoding", "gzip");
            }
        }

        return request;
    }

    private static OtlpAnswer OfHttp(HttpResponseMessage response, byte[] answer)
    {
        if (response.IsSuccessStatusCode)
        {
            return OtlpAnswer.OfTaken(answer);
        }

        var after = response.Headers.RetryAfter;
        return new OtlpAnswer($"it answered HTTP {(int)response.StatusCode}")
        {
            MayPass = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout,
            RetryAfter = after?.Delta ?? (after?.Date is { } date && date > DateTimeOffset.UtcNow ? date - DateTimeOffset.UtcNow : null),
        };
    }

    private static OtlpAnswer OfGrpc(HttpResponseMessage response, byte[] answer)
    {
        // CANCELLED, DEADLINE_EXCEEDED, ABORTED, OUT_OF_RANGE, UNAVAILABLE, DATA_LOSS.
        string[] passing = ["1", "4", "10", "11", "14", "15"];
        var status = Trailer("grpc-status");
        return status == "0" ? OtlpAnswer.OfTaken(answer.AsSpan(Math.Min(answer.Length, GrpcPrefix)))
            : new OtlpAnswer(status is null
                ? string.Create(CultureInfo.InvariantCulture, $"it answered HTTP {(int)response.StatusCode} without a gRPC status")
                : $"it answered with gRPC status {status}: {Uri.UnescapeDataString(Trailer("grpc-message") ?? "")}")
            {
                MayPass = passing.Contains(status) || (status is null && response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable),
            };

        // An answer without a body has them in its header section.
        string? Trailer(string name) =>
            response.TrailingHeaders.TryGetValues(name, out var values) || response.Headers.TryGetValues(name, out values) ? values.First() : null;
    }
}
