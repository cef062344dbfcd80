using System.IO.Pipes;
using System.Text;
using Fetcher.Core;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Tests.Fetch;

/// <summary>An item that was taken, as values that stay.</summary>
internal sealed record TakenItem(long Index, string Text, string Origin, long Line, string? Problem, UrlOptions? Options = null)
{
    public static TakenItem From(UrlItem item) => new(item.Index, item.Text.ToString(), item.Origin, item.Line, item.Problem, item.Options);
}

/// <summary>What the tests of <see cref="UrlSource"/> share.</summary>
internal static class SourceTesting
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Takes the next item, and waits for it as a loop would; null at the end.</summary>
    public static TakenItem? TakeNext(this UrlSource source)
    {
        var item = new UrlItem();
        while (true)
        {
            switch (source.TryTake(item))
            {
                case TakeStatus.Taken:
                    return TakenItem.From(item);
                case TakeStatus.End:
                    return null;
                default:
                    source.WaitUntilReady();
                    break;
            }
        }
    }

    /// <summary>Waits for the call that <see cref="UrlSource.NotifyWhenReady"/> promises.</summary>
    public static void WaitUntilReady(this UrlSource source)
    {
        using var ready = new ManualResetEventSlim();
        source.NotifyWhenReady(ready.Set);
        ready.Wait(Patience).ShouldBeTrue("nobody was called back");
    }

    /// <summary>Takes all items.</summary>
    public static List<TakenItem> TakeAll(this UrlSource source)
    {
        var items = new List<TakenItem>();
        while (source.TakeNext() is { } item)
        {
            items.Add(item);
        }

        return items;
    }

    /// <summary>A source that reads <paramref name="text"/> from standard input, in pieces of some bytes, as from a pipe.</summary>
    public static UrlSource FromPipe(string text, int count = 1, int pieceSize = int.MaxValue) =>
        FromPipe(Encoding.UTF8.GetBytes(text), count, pieceSize);

    /// <inheritdoc cref="FromPipe(string, int, int)"/>
    public static UrlSource FromPipe(byte[] bytes, int count = 1, int pieceSize = int.MaxValue) =>
        FromPipe(new MemoryStream(bytes), count, pieceSize);

    /// <inheritdoc cref="FromPipe(string, int, int)"/>
    public static UrlSource FromPipe(Stream stream, int count, int pieceSize) =>
        UrlSource.Open(["-"], count, () => new PieceStream(stream, pieceSize));

    /// <summary>A source that reads the other end of a pipe.</summary>
    public static UrlSource FromPipe(AnonymousPipeServerStream writer) =>
        UrlSource.Open(["-"], count: 1, () => new AnonymousPipeClientStream(PipeDirection.In, writer.GetClientHandleAsString()));
}

/// <summary>A stream that cannot be rewound and gives at most some bytes a read.</summary>
internal sealed class PieceStream : Stream
{
    private readonly Stream _inner;
    private readonly int _pieceSize;

    public PieceStream(Stream inner, int pieceSize)
    {
        _inner = inner;
        _pieceSize = pieceSize;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer) => _inner.Read(buffer[..Math.Min(buffer.Length, _pieceSize)]);

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
}

/// <summary>A directory that goes with the test.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("fetcher-tests-").FullName;

    /// <summary>Writes a file and returns its path.</summary>
    public string Write(string name, string text) => Write(name, Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="Write(string, string)"/>
    public string Write(string name, byte[] bytes)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
