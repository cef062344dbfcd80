namespace Fetcher.Core.Work.Sources;

/// <summary>Where <see cref="UrlSource"/> gets its blocks from. Used under its lock.</summary>
internal interface ILineFeed : IDisposable
{
    /// <summary>The next block, standing at its first item. Never waits.</summary>
    /// <exception cref="SourceException">An input failed, or the list is empty.</exception>
    TakeStatus TryNext(out LineBlock? block);

    /// <summary>Gives back a block that was used up.</summary>
    void Return(LineBlock block);

    /// <summary>
    /// Keeps <paramref name="ready"/> for one call as soon as there is a block, an end or a failure; false when there is one now.
    /// </summary>
    bool TryPark(Action ready);
}
