using System.Runtime.ExceptionServices;

namespace Fetcher.Core.Http;

/// <summary>
/// A body with one content coding taken off. Decoders differ in what they throw, and one of them throws what a broken connection does: whatever comes
/// out of one that did not come in from the body is a fault of the coding.
/// </summary>
internal sealed class DecodedBodyStream : AsyncReadStream
{
    /// <summary>Bytes that are decoded before others have their turn: about a millisecond's.</summary>
    internal const int BytesInTurn = 256 * 1024;

    private readonly string _coding;
    private readonly Func<ValueTask> _giveWay;
    private readonly WatchedBody _body;
    private readonly Stream _decoder;
    private int _sinceTurn;

    /// <param name="coding">What messages call the coding.</param>
    /// <param name="body">The coded body.</param>
    /// <param name="giveWay">Lets others have their turn.</param>
    /// <param name="decoder">Makes the decoder of a coded body.</param>
    public DecodedBodyStream(string coding, Stream body, Func<ValueTask> giveWay, Func<Stream, Stream> decoder)
    {
        (_coding, _giveWay) = (coding, giveWay);
        _body = new WatchedBody(body);
        _decoder = decoder(_body);
    }

    /// <exception cref="FetchException">The body is not coded as it says. What reading the coded body throws comes through.</exception>
    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (_sinceTurn >= BytesInTurn)
        {
            _sinceTurn = 0;
            await _giveWay().ConfigureAwait(false);
        }

        try
        {
            var length = await _decoder.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
            _sinceTurn += length;
            return length;
        }
        catch (Exception e)
        {
            _body.Failure?.Throw();
            var fault = _body.HasEnded ? "ends too early" : "is broken";
            throw Failures.NotDecoded.Of($"its {_coding} coding {fault}").Thrown(e);
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _decoder.DisposeAsync().ConfigureAwait(false);
        await base.DisposeAsync().ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _decoder.Dispose();
        }

        base.Dispose(disposing);
    }

    /// <summary>The coded body, which remembers how it ended.</summary>
    private sealed class WatchedBody(Stream body) : AsyncReadStream
    {
        /// <summary>What reading it threw, or null.</summary>
        public ExceptionDispatchInfo? Failure { get; private set; }

        /// <summary>Whether it was read to its end.</summary>
        public bool HasEnded { get; private set; }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                var length = await body.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
                HasEnded = length == 0 && buffer.Length > 0;
                return length;
            }
            catch (Exception e)
            {
                Failure = ExceptionDispatchInfo.Capture(e);
                throw;
            }
        }

        public override async ValueTask DisposeAsync()
        {
            await body.DisposeAsync().ConfigureAwait(false);
            await base.DisposeAsync().ConfigureAwait(false);
        }
    }
}
