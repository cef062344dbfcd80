using System.Text;

namespace Fetcher.Tests.Reports;

/// <summary>A stream that keeps what is written, can be made to block the writer, and can fail.</summary>
internal sealed class GatedStream : Stream
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ManualResetEventSlim _gate = new(initialState: true);
    private readonly SemaphoreSlim _written = new(0);
    private readonly MemoryStream _bytes = new();

    public Exception? Failure { get; init; }

    public Exception? FlushFailure { get; init; }

    public int Flushes { get; private set; }

    public bool IsDisposed { get; private set; }

    public string Text
    {
        get
        {
            lock (_bytes)
            {
                return Encoding.UTF8.GetString(_bytes.GetBuffer(), 0, (int)_bytes.Length);
            }
        }
    }

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Lets writes through.</summary>
    public void OpenGate() => _gate.Set();

    /// <summary>Blocks writes until <see cref="OpenGate"/>.</summary>
    public void CloseGate() => _gate.Reset();

    /// <summary>Waits until what was written and flushed starts with <paramref name="text"/>.</summary>
    public async Task WaitForAsync(string text)
    {
        while (!Text.StartsWith(text, StringComparison.Ordinal))
        {
            (await _written.WaitAsync(Patience)).ShouldBeTrue($"never got all of '{text[..Math.Min(20, text.Length)]}'");
        }
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        _gate.Wait();
        if (Failure is not null)
        {
            throw Failure;
        }

        lock (_bytes)
        {
            _bytes.Write(buffer);
        }
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
        if (FlushFailure is not null)
        {
            throw FlushFailure;
        }

        Flushes++;
        _written.Release();
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        IsDisposed = true;
        base.Dispose(disposing);
    }
}
