using System.Net;
using Fetcher.Core;
using Microsoft.Extensions.Logging;

namespace Fetcher.Extensions;

/// <summary>
/// Sends the requests of an <see cref="HttpClient"/> that is there already through a <see cref="FetchClient"/>: with its modes, limits, times and stalls.
/// <see cref="Outcome"/> tells them of a request.
/// </summary>
/// <remarks>
/// GET and HEAD without content. A response comes once its body is whole and in memory, bounded by <see cref="FetchOptions.MaxFileSize"/>, also with
/// <see cref="HttpCompletionOption.ResponseHeadersRead"/>. Statuses are responses and no failures, so that none is tried again;
/// <see cref="HttpResponseMessage.EnsureSuccessStatusCode"/> judges them. Redirects, retries after broken connections, cookies and time limits are the options'.
/// </remarks>
public sealed class FetchMessageHandler : HttpMessageHandler
{
    /// <summary>What became of a request: among its options once it has been sent, whether it went well or not.</summary>
    public static readonly HttpRequestOptionsKey<FetchOutcome> Outcome = new("Fetcher.Outcome");

    private readonly FetchClient _client;
    private readonly bool _decodes;

    /// <summary>Makes a handler with a client of its own, which it disposes.</summary>
    /// <param name="options">How URLs are fetched; null for the defaults.</param>
    /// <param name="logger">Where outcomes are logged, or null.</param>
    /// <exception cref="ArgumentException">An option has a value that means nothing.</exception>
    /// <exception cref="FetchSetupException">The machine lacks what the mode needs.</exception>
    public FetchMessageHandler(FetchOptions? options = null, ILogger? logger = null)
    {
        options ??= new FetchOptions();
        _decodes = options.Compressed;
        _client = FetcherLog.NewClient(options with { AcceptStatus = StatusSet.Parse("100-999"), IncludeHeaders = [], KeepBodies = true }, logger);
    }

    /// <inheritdoc/>
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        var outcome = await _client.FetchAsync(Translated(request), cancellationToken).ConfigureAwait(false);
        request.Options.Set(Outcome, outcome);
        return outcome.Error is { } error ? throw Translated(error) : Translated(request, outcome);
    }

    /// <inheritdoc/>
    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        Task.Run(() => SendAsync(request, cancellationToken), cancellationToken).GetAwaiter().GetResult();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _client.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <exception cref="NotSupportedException">It is neither GET nor HEAD, or it has content.</exception>
    private static FetchRequest Translated(HttpRequestMessage request)
    {
        if (request.Content is not null || (request.Method != HttpMethod.Get && request.Method != HttpMethod.Head))
        {
            throw new NotSupportedException($"{nameof(FetchMessageHandler)} sends GET and HEAD without content, and no {request.Method}");
        }

        return FetchRequest.FromUri(request.RequestUri ?? throw new InvalidOperationException("the request has no URI")) with
        {
            Method = request.Method == HttpMethod.Head ? FetchMethod.Head : FetchMethod.Get,
            Headers = [.. from field in request.Headers.NonValidated from value in field.Value select new RequestHeader(field.Key, value)],
        };
    }

    private HttpResponseMessage Translated(HttpRequestMessage request, FetchOutcome outcome)
    {
        request.RequestUri = new Uri(outcome.FinalUrl!);
        var response = new HttpResponseMessage((HttpStatusCode)outcome.Status)
        {
            RequestMessage = request,
            Version = outcome.HttpVersion is { } version ? new Version(version.Length == 1 ? version + ".0" : version) : HttpVersion.Unknown,
            Content = new ReadOnlyMemoryContent(outcome.Body),
        };
        var isDecoded = _decodes && outcome.Headers!.Any(header => Is(header, "Content-Encoding"));
        foreach (var header in outcome.Headers!)
        {
            // As with HttpClient's own decoding: they describe what came, not what is here.
            if (isDecoded && (Is(header, "Content-Encoding") || Is(header, "Content-Length")))
            {
                continue;
            }

            if (!response.Headers.TryAddWithoutValidation(header.Name, header.Value))
            {
                response.Content.Headers.TryAddWithoutValidation(header.Name, header.Value);
            }
        }

        return response;

        static bool Is(ResponseHeader header, string name) => header.Name.Equals(name, StringComparison.OrdinalIgnoreCase);
    }

    private static Exception Translated(FetchError error) => error.Kind == FetchErrorKind.Timeout
        ? new TaskCanceledException(error.Message, new TimeoutException(error.Message))
        : new HttpRequestException(
            error.Kind switch
            {
                FetchErrorKind.Dns => HttpRequestError.NameResolutionError,
                FetchErrorKind.Connect or FetchErrorKind.Send => HttpRequestError.ConnectionError,
                FetchErrorKind.Tls => HttpRequestError.SecureConnectionError,
                FetchErrorKind.Proxy => HttpRequestError.ProxyTunnelError,
                FetchErrorKind.Receive => HttpRequestError.ResponseEnded,
                FetchErrorKind.Protocol => HttpRequestError.InvalidResponse,
                FetchErrorKind.TooLarge => HttpRequestError.ConfigurationLimitExceeded,
                _ => HttpRequestError.Unknown,
            },
            error.Message);
}
