using System.Diagnostics;
using Fetcher.Core.Loop;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Fetcher.Lab;

/// <summary>
/// The body of one HTTP/2 stream, sent at a rate by the server's clock: the streams of a connection share its socket, so the kernel cannot pace them one by
/// one. Time in which the client's window takes nothing is lost, so that a client which stops reading cannot catch up later.
/// </summary>
internal sealed class PacedStream(Stream inner, long bytesPerSecond) : DuplexStream
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(5);

    /// <summary>A piece that takes no longer was held up by the machine, which the next makes up for.</summary>
    private static readonly TimeSpan Usual = 4 * Tick;

    private long _begunAt = Stopwatch.GetTimestamp();
    private TimeSpan _lost;
    private long _sent;

    public override bool CanRead => false;

    /// <summary>Limits the rate of the answer to <paramref name="context"/>, whose body has not begun.</summary>
    public static void Install(HttpContext context, long bytesPerSecond)
    {
        var body = context.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
        context.Features.Set<IHttpResponseBodyFeature>(new StreamResponseBodyFeature(new PacedStream(body.Stream, bytesPerSecond), body));
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default)
    {
        if (_sent == 0)
        {
            _begunAt = Stopwatch.GetTimestamp();
        }

        while (!data.IsEmpty)
        {
            await Task.Delay(Tick, cancellationToken);

            // A late piece is as much larger, so that the rate holds whatever the timer does.
            var due = (long)((Stopwatch.GetElapsedTime(_begunAt) - _lost).TotalSeconds * bytesPerSecond) - _sent;
            var piece = data[..(int)Math.Clamp(due, 0, data.Length)];
            if (!piece.IsEmpty)
            {
                var before = Stopwatch.GetTimestamp();
                await inner.WriteAsync(piece, cancellationToken);
                var took = Stopwatch.GetElapsedTime(before);
                _lost += took > Usual ? took : TimeSpan.Zero;
                _sent += piece.Length;
                data = data[piece.Length..];
            }
        }
    }
}
