using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Fetcher.Core.Http;
using Fetcher.Core.Interop;
using Microsoft.Win32.SafeHandles;

namespace Fetcher.Core.Saving;

/// <summary>
/// One body on its way to its name, on the thread of a writer: under a temporary name in the same folder, or as a part that can be
/// continued, until it is whole. The final name is never that of another file.
/// </summary>
/// <remarks>A small body has no name at all before it is whole. After <c>kill -9</c> there may be files called <c>.fetcher-*.tmp</c>, which the next run in the folder removes, or <c>*.part</c>; nothing
/// unfinished has another name.</remarks>
internal sealed partial class FileOnDisk(BodyStore store)
{
    /// <summary>The temporary name of a file that has none.</summary>
    private const string Nameless = "";

    private HttpUrl? _url;
    private long _index;
    private string? _ownPath;
    private string _partUrl = "";
    private string? _claimed;
    private OutputFolder.Place? _place;
    private SafeFileHandle? _file;
    private SafeFileHandle? _part;
    private string _workName = Nameless;
    private string[]? _names;
    private KeptFile? _kept;

    /// <summary>Bytes written so far, those of an earlier attempt with them.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the part that <see cref="FindPart"/> or <see cref="FindKept"/> found.</summary>
    public long PartLength { get; private set; }

    /// <summary>Of the representation that comes, or null when its part could not be continued.</summary>
    public string? Validator { get; set; }

    /// <summary>Whether <see cref="Claim"/> has found a name.</summary>
    public bool IsClaimed => _claimed is not null;

    /// <summary>The name that the server gave, or null.</summary>
    public string? GivenName { get; set; }

    /// <summary>When the body was last modified, by the server, or null when that does not matter.</summary>
    public DateTimeOffset? Modified { get; set; }

    public bool HasETag => Validator is ['"', ..];

    /// <summary>Takes over a URL. Called on the loop.</summary>
    public void Begin(HttpUrl url, UrlItem item, bool isFirst)
    {
        _claimed = isFirst ? null : _claimed;
        PartLength = Length = 0;
        Validator = GivenName = null;
        Modified = null;
        _names = null;
        (_url, _index, _ownPath) = (url, item.Index, item.Options?.SaveAs);
        _partUrl = store.Continues ? url.ToString() : "";
    }

    /// <summary>Looks for a part of the body; gives the fields that ask for the rest.</summary>
    public byte[]? FindPart()
    {
        var place = Place();
        if (place.Look(_claimed + SafeName.Part) is not { IsRegular: true, Size: > 0 } part
            || PartFacts.Read(place, _claimed + SafeName.PartFacts) is not { } facts
            || facts.Url != _partUrl
            || (_part = TryOpenPart(place, OpenFlags.ReadWrite)) is null)
        {
            return null;
        }

        return FieldsFor(part.Size, facts.Validator);
    }

    /// <summary>Looks for what the attempt before has left of the body; gives the fields that ask for the rest. Called on the loop.</summary>
    public byte[]? FindKept() => _kept is null ? null : FieldsFor(_kept.Length, _kept.Validator);

    /// <summary>Opens the part to go on with it; hashes what is there.</summary>
    public void OpenPart(IncrementalHash? hash)
    {
        if (_kept is not null)
        {
            Place();
            (_file, _workName) = (_kept.File, _kept.Name);
            _kept = null;
            store.EndKeeping();
        }
        else
        {
            _workName = _claimed + SafeName.Part;
            (_file, _part) = (_part, null);
        }

        Length = PartLength;
        if (hash is null)
        {
            return;
        }

        var buffer = new byte[64 * 1024];
        for (long position = 0; position < PartLength;)
        {
            var length = RandomAccess.Read(_file!, buffer.AsSpan(0, (int)Math.Min(buffer.Length, PartLength - position)), position);
            if (length == 0)
            {
                throw Failures.PartShrank.Of().Thrown();
            }

            hash.AppendData(buffer, 0, length);
            position += length;
        }
    }

    /// <summary>Drops what an earlier attempt or run has left of the body.</summary>
    public void DropPart()
    {
        if (_kept is not null)
        {
            DropKept();
            return;
        }

        RemovePart(Place());
    }

    /// <summary>Writes a run of the body.</summary>
    /// <param name="run">The bytes.</param>
    /// <param name="isLast">Whether none come behind them, and <see cref="Finish"/> does.</param>
    /// <exception cref="FetchException">It could not be opened.</exception>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(ReadOnlySpan<byte> run, bool isLast)
    {
        Open(isWhole: isLast && Length == 0);
        while (!run.IsEmpty)
        {
            var written = Libc.WriteAt(_file!, run, Length);
            if (written.Value <= 0)
            {
                throw new IOException(written.Message, (int)written.Error);
            }

            Length += written.Value;
            run = run[written.Value..];
        }
    }

    /// <summary>Gives the whole body its name, and that name's path.</summary>
    /// <exception cref="FetchException">It could not be written.</exception>
    public string Finish(string? sha256)
    {
        Open(isWhole: true);
        if (Modified is { } modified)
        {
            File.SetLastWriteTimeUtc(_file!, modified.UtcDateTime);
        }

        var path = TakeName(_place!, sha256);
        if (_workName == Nameless)
        {
            _file!.Dispose();
        }
        else
        {
            // Not before: as long as it is open it is locked, and what can be locked under its temporary name is taken for a leftover.
            Libc.CloseLocked(_file);
        }

        _file = null;
        return path;
    }

    /// <summary>Drops what an attempt has left for the next.</summary>
    public void DropKept()
    {
        if (_kept is { } kept)
        {
            _kept = null;
            store.EndKeeping();
            Place().Remove(kept.Name);
            Libc.CloseLocked(kept.File);
        }
    }

    /// <summary>Closes what is open, and removes what is neither whole nor can be continued by a later run or the next attempt.</summary>
    public void Leave()
    {
        var isPart = _claimed is not null && _workName == _claimed + SafeName.Part;
        try
        {
            if (_file is not null && !(isPart && Validator is not null))
            {
                if (!isPart && Validator is not null && Length > 0 && store.TryKeep())
                {
                    _kept = new KeptFile(_file, _workName, Length, Validator);
                    _file = null;
                }
                else
                {
                    Libc.CloseLocked(_file);
                    RemoveWork(_place!);
                }
            }
        }
        finally
        {
            Libc.CloseLocked(_file);
            Libc.CloseLocked(_part);
            _file = _part = null;
            _place?.Dispose();
            _place = null;
            _workName = Nameless;
        }
    }

    private byte[] FieldsFor(long length, string validator)
    {
        (PartLength, Validator) = (length, validator);
        return Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"Range: bytes={length}-\r\nIf-Range: {validator}\r\n"));
    }

    private OutputFolder.Place Place()
    {
        if (_place is null)
        {
            _place = store.Folder.Open(store.Template.NeedsHashInFolders && _ownPath is null ? Expand(null) : Names("").AsSpan()[..^1]);
            if (store.IsNewFolder(_place.Path))
            {
                Leftovers.Clear(_place);
            }
        }

        return _place;
    }

    /// <summary>Opens the file, unless it is open.</summary>
    /// <param name="isWhole">Whether what is written at once is the whole body.</param>
    private void Open(bool isWhole)
    {
        if (_file is not null)
        {
            return;
        }

        var place = Place();
        if (store.Continues && Validator is not null && (_part ?? TryOpenPart(place, OpenFlags.ReadWrite | OpenFlags.Create)) is { } part)
        {
            // The old part is emptied before the new facts stand beside it, so that no kill in between marries the one to the other.
            (_workName, _file, _part) = (_claimed + SafeName.Part, part, null);
            RandomAccess.SetLength(_file, 0);
            new PartFacts(_partUrl, Validator).Write(place, _claimed + SafeName.PartFacts);
        }
        else
        {
            DropKept();
            _file = isWhole ? store.Nameless.TryCreate(place) : null;
            _workName = Nameless;
            _file ??= Leftovers.Create(place, out _workName);
        }
    }

    /// <summary>Removes the part of the claimed name and its facts, unless another process has them.</summary>
    private void RemovePart(OutputFolder.Place place)
    {
        if (_part is not null)
        {
            place.Remove(_claimed + SafeName.Part);
        }

        if (_part is not null || _workName == _claimed + SafeName.Part)
        {
            place.Remove(_claimed + SafeName.PartFacts);
        }

        Libc.CloseLocked(_part);
        _part = null;
    }

    /// <summary>Opens the part of the claimed name and locks it; null when another process writes it, or has just given it its name.</summary>
    private SafeFileHandle? TryOpenPart(OutputFolder.Place place, OpenFlags flags)
    {
        var name = _claimed + SafeName.Part;
        var file = place.OpenFile(name, flags);
        if (!Libc.TryLock(file).WouldBlock && !Libc.StatAt(file, "", out var facts).IsError && place.Look(name)?.Id == facts.Id)
        {
            return file;
        }

        Libc.CloseLocked(file);
        return null;
    }

    /// <summary>An unfinished body that the next attempt may go on with; locked, since it is open.</summary>
    private sealed record KeptFile(SafeFileHandle File, string Name, long Length, string Validator);
}
