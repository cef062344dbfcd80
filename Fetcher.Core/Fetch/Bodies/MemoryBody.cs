using System.Buffers;

namespace Fetcher.Core.Fetch.Bodies;

/// <summary>Keeps a body in memory, for its result.</summary>
internal sealed class MemoryBody : IBodyTarget
{
    /// <summary>Bytes that are reserved at most because a server says that they will come.</summary>
    private const int MostReserved = 1 << 20;

    private ArrayBufferWriter<byte>? _body;

    public bool MustDrain => false;

    public void Begin(FetchResult result, long? length, long deadline, CancellationToken giveUp)
    {
        var expected = (int)Math.Clamp(length ?? 0, 0, MostReserved);
        _body = expected == 0 ? new ArrayBufferWriter<byte>() : new ArrayBufferWriter<byte>(expected);
    }

    public void Write(ReadOnlySpan<byte> run) => _body?.Write(run);

    public ValueTask DrainAsync() => ValueTask.CompletedTask;

    public ValueTask EndAsync(FetchResult result, bool isWhole)
    {
        if (isWhole && _body is not null)
        {
            result.Body = _body.WrittenMemory;
        }

        _body = null;
        return ValueTask.CompletedTask;
    }
}
