using System.Text;
using Fetcher.Core.Interop;
using Fetcher.Core.Saving;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Work.Journals;

/// <summary>
/// The journal's file: lines are only ever added, in batches that are on the disk (fsync(2)) before the next. Of a batch that the disk has no
/// room for, the whole lines that went in stay. Locked, so that two runs cannot share one (flock(2)).
/// </summary>
internal sealed class JournalFile : IDisposable
{
    private const int BlockSize = 1 << 20;

    private readonly SafeFileHandle _file;
    private readonly bool _readOnly;
    private readonly bool _isNew;
    private readonly Action<FetchResult, long, bool>? _onLine;
    private readonly JournalIndex _index = new();
    private readonly List<long> _saved = [];

    /// <summary>Opens or makes the file, reads it, and cuts off a last line that is torn.</summary>
    /// <param name="path">The file.</param>
    /// <param name="readOnly">Whether it is only looked at: then it is there, and stays as it is.</param>
    /// <param name="onLine">Told each line: what it says, where it begins, and whether the URL was fetched.</param>
    /// <exception cref="FetchSetupException">It cannot be opened, or it is not a journal.</exception>
    public JournalFile(string path, bool readOnly = false, Action<FetchResult, long, bool>? onLine = null)
    {
        _onLine = onLine;
        Path = path;
        _readOnly = readOnly;
        try
        {
            _isNew = !readOnly && !File.Exists(path) && new FileInfo(path).LinkTarget is null;
            _file = readOnly
                ? File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite)
                : File.OpenHandle(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new FetchSetupException($"the journal {path} cannot be opened: {e.Message}", e);
        }

        try
        {
            if (Libc.StatAt(_file, "", out var facts).IsError || !facts.IsRegular)
            {
                throw new FetchSetupException($"the journal {path} is not a regular file");
            }

            Load();
        }
        catch (Exception e)
        {
            Dispose();
            if (e is IOException)
            {
                throw new FetchSetupException($"the journal {path} cannot be read: {e.Message}", e);
            }

            throw;
        }
    }

    public string Path { get; }

    /// <summary>Whether a run records in it. Before that, a file that had to be made goes again with <see cref="Dispose"/>.</summary>
    public bool IsInUse { get; set; }

    /// <summary>Bytes of whole lines.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of a torn line that were cut off.</summary>
    public long Healed { get; private set; }

    /// <summary>Looks a URL of the list up.</summary>
    /// <param name="item">The URL and its place.</param>
    /// <param name="result">Takes the outcome that is recorded.</param>
    /// <returns>Whether it was fetched.</returns>
    /// <exception cref="IOException">The journal is another list's, or cannot be read.</exception>
    public bool TryFind(UrlItem item, FetchResult result)
    {
        if (!_index.TryFind(item.Index, JournalLine.HashOf(item.Text.Span), out var offset))
        {
            throw AnotherList(item.Index);
        }

        if (offset < 0)
        {
            return false;
        }

        Read(offset, result);
        return result.Index == item.Index && JournalLine.HashOf(result.Url.Span) == JournalLine.HashOf(item.Text.Span) ? true : throw AnotherList(item.Index);
    }

    /// <summary>Reads the line of a URL that was fetched.</summary>
    /// <param name="offset">Where it begins.</param>
    /// <param name="result">Takes what it says.</param>
    /// <exception cref="IOException">It cannot be read.</exception>
    public void Read(long offset, FetchResult result)
    {
        if (JournalLine.TryRead(ReadLine(offset), result) is not true)
        {
            throw new IOException($"the journal {Path} was changed meanwhile");
        }
    }

    /// <summary>Whether a body of an earlier run is recorded under a path.</summary>
    public bool HasSaved(string path) => _saved.BinarySearch(HashOfPath(path)) >= 0;

    /// <summary>Adds whole lines, and waits until the disk has them.</summary>
    /// <exception cref="IOException">There is no room, or the disk failed. Lines that went in whole are left, and nothing of the others.</exception>
    public void Append(ReadOnlySpan<byte> lines)
    {
        IOException? error = null;
        try
        {
            RandomAccess.Write(_file, lines, Length);
        }
        catch (IOException e)
        {
            error = e;
            var written = lines[..(int)Math.Clamp(RandomAccess.GetLength(_file) - Length, 0, lines.Length)];
            lines = written[..(written.LastIndexOf((byte)'\n') + 1)];
            RandomAccess.SetLength(_file, Length + lines.Length);
        }

        DiskFlush.Flush(_file);
        Length += lines.Length;
        if (error is not null)
        {
            throw error;
        }
    }

    public void Dispose()
    {
        if (_isNew && !IsInUse && !_file.IsClosed)
        {
            File.Delete(Path);
        }

        _file.Dispose();
    }

    private static long HashOfPath(string path) => Hash64.Of(Encoding.UTF8.GetBytes(System.IO.Path.GetFullPath(path)));

    private IOException AnotherList(long index) =>
        new($"the journal {Path} is of another list: it has another URL at index {index}");

    /// <summary>Reads a line without its end.</summary>
    /// <param name="offset">Where it begins.</param>
    public byte[] ReadLine(long offset)
    {
        for (var size = 1024; ; size *= 4)
        {
            var bytes = new byte[size];
            var length = RandomAccess.Read(_file, bytes, offset);
            var end = bytes.AsSpan(0, length).IndexOf((byte)'\n');
            if (end >= 0 || length < size)
            {
                return bytes[..(end < 0 ? length : end)];
            }
        }
    }

    private void Load()
    {
        var block = new byte[BlockSize];
        var kept = 0;
        var line = 0L;
        var result = new FetchResult();
        while (true)
        {
            if (kept == block.Length)
            {
                Array.Resize(ref block, 2 * block.Length);
            }

            var read = RandomAccess.Read(_file, block.AsSpan(kept), Length + kept);
            if (read == 0)
            {
                break;
            }

            var rest = block.AsSpan(0, kept + read);
            for (int end; (end = rest.IndexOf((byte)'\n')) >= 0; rest = rest[(end + 1)..])
            {
                line++;
                Note(rest[..end], line, result);
                Length += end + 1;
            }

            rest.CopyTo(block);
            kept = rest.Length;
        }

        _saved.Sort();
        Heal(block.AsSpan(0, kept), line + 1);
    }

    private void Note(ReadOnlySpan<byte> text, long line, FetchResult result)
    {
        if (JournalLine.TryRead(text, result) is not { } ok)
        {
            throw new FetchSetupException($"{Path} is not a journal: its line {line} is none of a journal's");
        }

        if (!_index.Add(result.Index, JournalLine.HashOf(result.Url.Span), Length, ok))
        {
            throw new FetchSetupException($"the journal {Path} has two URLs at index {result.Index}");
        }

        if (result.SavedAs is { } path && !_readOnly)
        {
            _saved.Add(HashOfPath(path));
        }

        _onLine?.Invoke(result, Length, ok);
    }

    private void Heal(ReadOnlySpan<byte> torn, long line)
    {
        if (torn.IsEmpty)
        {
            return;
        }

        if (!JournalLine.MayBegin(torn))
        {
            throw new FetchSetupException($"{Path} is not a journal: its line {line} is none of a journal's");
        }

        Healed = torn.Length;
        if (!_readOnly)
        {
            RandomAccess.SetLength(_file, Length);
        }
    }
}
