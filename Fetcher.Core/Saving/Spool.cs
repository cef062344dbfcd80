namespace Fetcher.Core.Saving;

/// <summary>
/// Bytes kept so that they can be read again: in memory while it is small, else in a temporary file that has no
/// name.
/// </summary>
internal sealed class Spool : IDisposable
{
    private const int MemoryLimit = 1 << 20;

    private Stream? _bytes;

    /// <summary>Bytes that are kept.</summary>
    public long Length => _bytes?.Length ?? 0;

    /// <summary>Adds bytes at the end.</summary>
    /// <exception cref="IOException">The temporary file could not be written.</exception>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        // Most are small and come in one piece: there is room for just that.
        _bytes ??= new MemoryStream(Math.Min(bytes.Length, MemoryLimit));
        if (_bytes is MemoryStream memory && memory.Length + bytes.Length > MemoryLimit)
        {
            var file = new FileStream(TempFiles.CreateUnlinked(), FileAccess.ReadWrite, bufferSize: 0);
            _bytes = file;
            memory.WriteTo(file);
        }

        _bytes.Write(bytes);
    }

    /// <summary>Goes to the beginning, to read.</summary>
    public void Rewind()
    {
        if (_bytes is not null)
        {
            _bytes.Position = 0;
        }
    }

    /// <summary>Reads on; 0 at the end.</summary>
    public int Read(Span<byte> buffer) => _bytes?.Read(buffer) ?? 0;

    public void Dispose() => _bytes?.Dispose();
}
