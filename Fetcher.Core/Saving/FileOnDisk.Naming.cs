using Fetcher.Core.Interop;

namespace Fetcher.Core.Saving;

/// <summary>How a body comes to its name.</summary>
internal sealed partial class FileOnDisk
{
    /// <summary>Finds the body's name for this run; gives its path when a file of an earlier run has it.</summary>
    /// <exception cref="FetchException">The folder is unusable.</exception>
    public string? Claim()
    {
        var place = Place();
        var name = Expand(null)[^1];
        while (true)
        {
            _claimed = SafeName.Numbered(name, store.ClaimNumber(place.PathOf(name)));
            if (store.IsReserved(place.PathOf(_claimed)))
            {
                continue;
            }

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

    private string TakeName(OutputFolder.Place place, string? sha256)
    {
        if (_claimed is not null && TryGiveName(place, place, _claimed))
        {
            RemovePart(place);
            return place.PathOf(_claimed);
        }

        var names = Names(sha256);
        using var other = store.Template.NeedsHashInFolders && _ownPath is null ? store.Folder.Open(names.AsSpan()[..^1]) : null;
        var target = other ?? place;
        var name = _ownPath is not null ? names[^1] : GivenName ?? names[^1];
        var first = target.PathOf(name);
        for (var number = store.FirstNumber(first); ; number++)
        {
            var tried = SafeName.Numbered(name, number);
            var path = number == 0 ? first : target.PathOf(tried);
            if (!store.IsReserved(path) && (IsThereAlready(place, target, tried) || TryGiveName(place, target, tried)))
            {
                if (number > 0)
                {
                    store.NoteNumber(first, number);
                }

                RemovePart(place);
                return path;
            }
        }
    }

    /// <summary>Whether an earlier run of this work has left the very same body under a name, unrecorded: then that is it, and this one goes.</summary>
    private bool IsThereAlready(OutputFolder.Place place, OutputFolder.Place target, string name)
    {
        var path = target.PathOf(name);
        if (store.IsRecorded is null || target.Look(name) is not { } facts || facts.Size != Length || !store.MayBeUnrecorded(path, facts)
            || !HasSameBytes(target, name) || !store.TryTakeUnrecorded(path))
        {
            return false;
        }

        RemoveWork(place);
        return true;
    }

    private bool HasSameBytes(OutputFolder.Place place, string name)
    {
        using var other = place.OpenFile(name, OpenFlags.Read);
        return FileContent.IsSame(_file!, other, Length);
    }

    /// <summary>The folders and, last, the name of the body; worked out once where its hash does not matter.</summary>
    private string[] Names(string? sha256) => store.Template.NeedsHash ? Expand(sha256) : _names ??= Expand("");

    private string[] Expand(string? sha256) => _ownPath is not null ? SafeName.PartsOf(_ownPath) : store.Template.Expand(_url!, _index, sha256);

    private bool TryGiveName(OutputFolder.Place place, OutputFolder.Place target, string name)
    {
        if (_workName == Nameless)
        {
            if (store.Nameless.TryGiveName(_file!, target, name) is { } isNamed)
            {
                return isNamed;
            }

            using var nameless = _file;
            _file = Leftovers.Create(place, out _workName);
            Length = FileContent.Copy(nameless!, _file);
        }

        return place.TryRename(_workName, target, name);
    }

    /// <summary>Removes the temporary name, if there is one.</summary>
    private void RemoveWork(OutputFolder.Place place)
    {
        if (_workName != Nameless)
        {
            place.Remove(_workName);
        }
    }
}
