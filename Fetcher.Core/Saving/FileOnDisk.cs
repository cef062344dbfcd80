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
/// <remarks>After <c>kill -9</c> there may be files called <c>.fetcher-*.tmp</c> or <c>*.part</c>; nothing unfinished has another
/// name.</remarks>
internal sealed class FileOnDisk(BodyStore store)
{
    private string _url = "";
    private Func<string?, string[]> _expand = _ => [];
    private string? _claimed;
    private OutputFolder.Place? _place;
    private SafeFileHandle? _file;
    private string _workName = "";

    /// <summary>Bytes written so far, those of an earlier attempt with them.</summary>
    public long Length { get; private set; }

    /// <summary>Bytes of the part that <see cref="FindPart"/> found.</summary>
    public long PartLength { get; private set; }

    /// <summary>Of the representation that comes, or null when its part could not be continued.</summary>
    public string? Validator { get; set; }

    /// <summary>Whether <see cref="Claim"/> has found a name.</summary>
    public bool IsClaimed => _claimed is not null;

    public bool HasETag => Validator is ['"', ..];

    /// <summary>Takes over a URL. Called on the loop.</summary>
    public void Begin(HttpUrl url, UrlItem item, bool isFirst)
    {
        _claimed = isFirst ? null : _claimed;
        _url = url.ToString();
        PartLength = Length = 0;
        Validator = null;
        var index = item.Index;
        _expand = item.Options?.SaveAs is { } path
            ? _ => SafeName.PartsOf(path)
            : sha256 => store.Template.Expand(url, index, sha256);
    }

    /// <summary>Finds the body's name for this run; gives its path when a file of an earlier run has it.</summary>
    /// <exception cref="FetchException">The folder is unusable.</exception>
    public string? Claim()
    {
        var place = Place();
        var name = _expand(null)[^1];
        while (true)
        {
            _claimed = SafeName.Numbered(name, store.ClaimNumber(place.PathOf(name)));
            if (place.Look(_claimed) is not { } facts)
            {
                return null;
            }

            if (facts.IsRegular)
            {
                return place.PathOf(_claimed);
            }
        }
    }

    /// <summary>Looks for a part of the body; gives the fields that ask for the rest.</summary>
    public byte[]? FindPart()
    {
        var place = Place();
        if (place.Look(_claimed + SafeName.Part) is not { IsRegular: true, Size: > 0 } part
            || PartFacts.Read(place, _claimed + SafeName.PartFacts) is not { } facts
            || facts.Url != _url)
        {
            return null;
        }

        PartLength = part.Size;
        Validator = facts.Validator;
        return Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"Range: bytes={part.Size}-\r\nIf-Range: {facts.Validator}\r\n"));
    }

    /// <summary>Opens the part to go on with it; hashes what is there.</summary>
    public void OpenPart(IncrementalHash? hash)
    {
        _workName = _claimed + SafeName.Part;
        _file = Place().OpenFile(_workName, OpenFlags.ReadWrite);
        Length = PartLength;
        if (hash is null)
        {
            return;
        }

        var buffer = new byte[64 * 1024];
        for (long position = 0; position < PartLength;)
        {
            var length = RandomAccess.Read(_file, buffer.AsSpan(0, (int)Math.Min(buffer.Length, PartLength - position)), position);
            if (length == 0)
            {
                throw new FetchException(FetchErrorKind.Write, "the unfinished body became shorter", 23);
            }

            hash.AppendData(buffer, 0, length);
            position += length;
        }
    }

    public void DropPart()
    {
        Place().Remove(_claimed + SafeName.PartFacts);
        Place().Remove(_claimed + SafeName.Part);
    }

    /// <exception cref="FetchException">It could not be opened.</exception>
    /// <exception cref="IOException">It could not be written.</exception>
    public void Write(ReadOnlySpan<byte> run)
    {
        Open();
        RandomAccess.Write(_file!, run, Length);
        Length += run.Length;
    }

    /// <summary>Gives the whole body its name, and that name's path.</summary>
    /// <exception cref="FetchException">It could not be written.</exception>
    public string Finish(string? sha256)
    {
        Open();
        var place = _place!;
        _file!.Dispose();
        _file = null;
        if (_claimed is not null && place.TryRename(_workName, _claimed))
        {
            place.Remove(_claimed + SafeName.PartFacts);
            return place.PathOf(_claimed);
        }

        var name = _expand(sha256)[^1];
        var number = store.FirstNumber(place.PathOf(name));
        while (!place.TryRename(_workName, SafeName.Numbered(name, number)))
        {
            number++;
        }

        if (number > 0)
        {
            store.NoteNumber(place.PathOf(name), number);
        }

        return place.PathOf(SafeName.Numbered(name, number));
    }

    /// <summary>Closes what is open, and removes what is neither whole nor can be continued.</summary>
    public void Leave()
    {
        var isPart = _claimed is not null && _workName == _claimed + SafeName.Part;
        try
        {
            if (_file is not null && !(isPart && Validator is not null))
            {
                _file.Dispose();
                _place!.Remove(_workName);
            }
        }
        finally
        {
            _file?.Dispose();
            _file = null;
            _place?.Dispose();
            _place = null;
            _workName = "";
        }
    }

    private OutputFolder.Place Place() => _place ??= store.Folder.Open(_expand("").AsSpan()[..^1]);

    private void Open()
    {
        if (_file is not null)
        {
            return;
        }

        var place = Place();
        if (store.Continues && Validator is not null)
        {
            // The old part is emptied before the new facts stand beside it, so that no kill in between marries the one to the other.
            _workName = _claimed + SafeName.Part;
            _file = place.OpenFile(_workName, OpenFlags.ReadWrite | OpenFlags.Create | OpenFlags.Truncate);
            new PartFacts(_url, Validator).Write(place, _claimed + SafeName.PartFacts);
        }
        else
        {
            _workName = $".fetcher-{RandomNumberGenerator.GetHexString(16, lowercase: true)}.tmp";
            _file = place.OpenFile(_workName, OpenFlags.Write | OpenFlags.Create | OpenFlags.Exclusive);
        }
    }
}
