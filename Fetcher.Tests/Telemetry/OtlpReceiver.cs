using System.Collections.Concurrent;
using System.IO.Compression;
using Fetcher.Tests.Testing;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Fetcher.Tests.Telemetry;

/// <summary>A span as a collector sees it.</summary>
internal sealed record ReceivedSpan(
    string Trace, string Id, string Parent, string State, string Name, ulong Kind, ulong Start, ulong End, ulong Status, ulong Flags, string Scope, Dictionary<string, object> Attributes)
{
    public double Seconds => (End - Start) / 1e9;
}

/// <summary>A metric's point as a collector sees it; the sum is that of a histogram, too.</summary>
internal sealed record ReceivedPoint(string Metric, string Unit, ulong Count, double Sum, ulong[] Buckets, ulong Temporality, bool IsMonotonic, Dictionary<string, object> Attributes);

/// <summary>A request to a collector, taken out of its packing.</summary>
internal sealed record ReceivedRequest(string Path, IReadOnlyDictionary<string, string> Headers, ProtoMessage Message)
{
    public Dictionary<string, object> Resource => Message.One(1).One(1).Attributes(1);
}

/// <summary>
/// A collector that keeps what it is sent. It reads requests by the published .proto files (https://github.com/open-telemetry/opentelemetry-proto), with nothing of
/// the code that wrote them.
/// </summary>
internal sealed class OtlpReceiver : IAsyncDisposable
{
    private readonly ConcurrentQueue<ReceivedRequest> _requests = new();
    private KestrelOrigin _origin = null!;

    /// <summary>What is done with a request that was read, before it counts as received; true when the answer has been given.</summary>
    public Func<HttpContext, Task<bool>> Before { get; init; } = _ => Task.FromResult(false);

    public string Endpoint => _origin.Url("");

    public IReadOnlyList<ReceivedRequest> Requests => [.. _requests];

    public IReadOnlyList<ReceivedSpan> Spans =>
    [
        .. from request in Of("race")
           from scope in request.Message.One(1).All(2)
           from span in scope.All(2)
           select new ReceivedSpan(
               span.Hex(1), span.Hex(2), span.Hex(4), span.Text(3), span.Text(5), span.Number(6), span.Number(7), span.Number(8),
               span.All(15).Select(status => status.Number(3)).SingleOrDefault(), span.Number(16), scope.One(1).Text(1), span.Attributes(9)),
    ];

    /// <summary>The points of the last request with metrics, which are cumulative.</summary>
    public IReadOnlyList<ReceivedPoint> Points =>
    [
        .. from scope in Of("etrics").Last().Message.One(1).All(2)
           from metric in scope.All(2)
           let isHistogram = metric.Has(9)
           let data = metric.One(isHistogram ? 9 : 7)
           from point in data.All(1)
           select new ReceivedPoint(
               metric.Text(1),
               metric.Text(3),
               point.Number(4),
               isHistogram ? point.Double(5) : (long)point.Number(6),
               [.. point.Packed(6)],
               data.Number(2),
               data.Number(3) != 0,
               point.Attributes(isHistogram ? 9 : 7)),
    ];

    public static async Task<OtlpReceiver> StartAsync(Func<HttpContext, Task<bool>>? before = null, HttpProtocols protocols = HttpProtocols.Http1)
    {
        var receiver = before is null ? new OtlpReceiver() : new OtlpReceiver { Before = before };
        receiver._origin = await KestrelOrigin.StartAsync(receiver.TakeAsync, protocols: protocols);
        return receiver;
    }

    public ValueTask DisposeAsync() => _origin.DisposeAsync();

    private IEnumerable<ReceivedRequest> Of(string signal) => _requests.Where(request => request.Path.Contains(signal, StringComparison.Ordinal));

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (await Before(context))
        {
            return;
        }

        var bytes = body.ToArray();
        var isGrpc = context.Request.ContentType == "application/grpc";
        if (isGrpc)
        {
            bytes.Length.ShouldBe(5 + System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(1)));
            bytes = bytes[0] == 1 ? Unpacked(bytes[5..]) : bytes[5..];
        }
        else if (context.Request.Headers.ContentEncoding == "gzip")
        {
            bytes = Unpacked(bytes);
        }

        _requests.Enqueue(new ReceivedRequest(
            context.Request.Path + context.Request.QueryString, context.Request.Headers.ToDictionary(field => field.Key.ToLowerInvariant(), field => field.Value.ToString()), new ProtoMessage(bytes)));
        if (isGrpc)
        {
            context.Response.ContentType = "application/grpc";
            await context.Response.Body.WriteAsync(new byte[5]);
            context.Response.AppendTrailer("grpc-status", "0");
        }
    }

    private static byte[] Unpacked(byte[] bytes)
    {
        using var unpacked = new MemoryStream();
        using var from = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        from.CopyTo(unpacked);
        return unpacked.ToArray();
    }
}
