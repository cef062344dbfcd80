using Fetcher.Core;
using Fetcher.Core.Http;

namespace Fetcher.Telemetry;

/// <summary>Where one signal is sent, and how.</summary>
internal sealed record OtlpTarget
{
    /// <summary>The URL that is posted to.</summary>
    public required Uri Url { get; init; }

    /// <summary>Whether by gRPC, over HTTP/2, instead of HTTP/1.1.</summary>
    public bool IsGrpc { get; init; }

    /// <summary>Fields that go with every request; their values may be secret.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Headers { get; init; } = [];

    /// <summary>How long one batch may take, further tries included.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Whether requests are compressed.</summary>
    public bool Gzip { get; init; }

    /// <summary>PEM file of the certificates to trust instead of the system's, or null.</summary>
    public string? CaCertPath { get; init; }

    /// <summary>PEM file of the client's certificate, or null.</summary>
    public string? CertPath { get; init; }

    /// <summary>PEM file of its key, or null when it is in the same.</summary>
    public string? KeyPath { get; init; }

    /// <summary>The address for people: without user info or query, which may be secret.</summary>
    public string Address => Url.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped);

    /// <summary>What the variables say of one signal.</summary>
    /// <param name="variables">The environment.</param>
    /// <param name="signal">The signal as variables are called by it: <c>TRACES</c> or <c>METRICS</c>.</param>
    /// <param name="path">Its path below the common endpoint: <c>v1/traces</c>.</param>
    /// <param name="method">The path of its gRPC method.</param>
    /// <exception cref="FetchSetupException">A variable makes no sense.</exception>
    public static OtlpTarget Of(OtlpVariables variables, string signal, string path, string method)
    {
        var protocol = variables.OfSignal(signal, "PROTOCOL");
        var isGrpc = protocol.Value switch
        {
            null or "http/protobuf" => false,
            "grpc" => true,
            _ => throw new FetchSetupException($"{protocol.Name} is '{protocol.Value}': fetcher speaks http/protobuf and grpc"),
        };
        var compression = variables.OfSignal(signal, "COMPRESSION");
        var (timeout, headers) = (variables.OfSignal(signal, "TIMEOUT"), variables.OfSignal(signal, "HEADERS"));
        return new OtlpTarget
        {
            Url = isGrpc ? new Uri(Endpoint(variables, signal, path, "http://localhost:4317").Url, method) : Endpoint(variables, signal, path, "http://localhost:4318") switch
            {
                { IsOwn: true, Url: var own } => own,
                { Url: var common } => new Uri(common, common.AbsolutePath.TrimEnd('/') + "/" + path),
            },
            IsGrpc = isGrpc,
            Headers = CheckedFields(headers.Name, OtlpVariables.Pairs(headers.Name, headers.Value)),
            Timeout = TimeSpan.FromMilliseconds(OtlpVariables.Integer(timeout.Name, timeout.Value, usual: 10_000)),
            Gzip = compression.Value switch
            {
                null or "none" => false,
                "gzip" => true,
                _ => throw new FetchSetupException($"{compression.Name} is '{compression.Value}': fetcher knows gzip and none"),
            },
            CaCertPath = ExistingFile(variables.OfSignal(signal, "CERTIFICATE")),
            CertPath = ExistingFile(variables.OfSignal(signal, "CLIENT_CERTIFICATE")),
            KeyPath = ExistingFile(variables.OfSignal(signal, "CLIENT_KEY")),
        };
    }

    private static (bool IsOwn, Uri Url) Endpoint(OtlpVariables variables, string signal, string path, string usual)
    {
        var (name, value) = variables.OfSignal(signal, "ENDPOINT");
        return Uri.TryCreate(value ?? usual, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" && url.Host.Length > 0
            ? (value is not null && name.Contains(signal, StringComparison.Ordinal), url)
            : throw new FetchSetupException($"{name} is no URL of http or https, for {path}");
    }

    private static IReadOnlyList<KeyValuePair<string, string>> CheckedFields(string name, IReadOnlyList<KeyValuePair<string, string>> fields)
    {
        foreach (var (field, value) in fields)
        {
            if (FieldCheck.WhyNoName(field) is not null || value.Any(char.IsControl))
            {
                throw new FetchSetupException($"{name} has what cannot stand in a header field");
            }
        }

        return fields;
    }

    private static string? ExistingFile((string Name, string? Value) variable) =>
        variable.Value is null || File.Exists(variable.Value) ? variable.Value : throw new FetchSetupException($"{variable.Name}: there is no file '{variable.Value}'");
}
