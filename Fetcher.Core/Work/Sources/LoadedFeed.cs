namespace Fetcher.Core.Work.Sources;

/// <summary>A list that is small enough to be held, over and over.</summary>
internal sealed class LoadedFeed : ILineFeed
{
    private readonly IReadOnlyList<LineBlock> _blocks;
    private long _left;
    private int _next;
    private int _round;

    /// <param name="blocks">The list.</param>
    /// <param name="rounds">How many times over; null for no end.</param>
    public LoadedFeed(IReadOnlyList<LineBlock> blocks, int? rounds)
    {
        _blocks = blocks;
        _left = (long)blocks.Count * rounds ?? long.MaxValue;
    }

    public TakeStatus TryNext(out LineBlock? block)
    {
        if (_left <= 0)
        {
            block = null;
            return TakeStatus.End;
        }

        _left--;
        block = _blocks[_next];
        block.Round = _round;
        if (++_next == _blocks.Count)
        {
            _next = 0;
            _round++;
        }

        block.Rewind();
        block.MoveNext();
        return TakeStatus.Taken;
    }

    public void Return(LineBlock block)
    {
        // Stays where it is for the next round.
    }

    public bool TryPark(Action ready) => false;

    public void Dispose() => _left = 0;
}
