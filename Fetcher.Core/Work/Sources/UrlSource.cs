using System.Buffers;
using System.Runtime.CompilerServices;
using System.Text;
using Fetcher.Core.Interop;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// The list of URLs of the command line: all SOURCEs one after the other, that list COUNT times over. A short list is read at once; a
/// long one, or a pipe, is read by a thread of its own while it is worked off, in memory that does not grow.
/// </summary>
/// <remarks>
/// Blank lines and lines that start with # are no items; white space around a line, CR LF and a byte order mark are dropped. A line that
/// starts with { is read as JSON (<see cref="JsonUrlLine"/>). Nothing else is judged: the bytes go to the URL parser as they are. A file
/// longer than <see cref="LoadLimit"/> is read again for each round.
/// </remarks>
internal sealed class UrlSource : IUrlSource, IDisposable
{
    /// <summary>Bytes up to which a list of URLs and regular files is held in memory.</summary>
    public const int LoadLimit = 1 << 20;

    /// <summary>
    /// Bytes up to which a list of regular files is counted before it is read: a few milliseconds, for a total in the progress.
    /// </summary>
    public const int CountLimit = 4 << 20;

    /// <summary>URLs that patterns may stand for in all, for the list to be held.</summary>
    private const long MostGlobbed = 1000;

    private static readonly SearchValues<byte> SchemeBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+-."u8);

    private readonly Lock _gate = new();
    private readonly ILineFeed _feed;
    private readonly byte[]? _scheme;
    private readonly DistinctUrls? _distinct;
    private LineBlock? _block;
    private int _round;
    private long _index;

    private UrlSource(ILineFeed feed, ListOptions options, long? items, int? count)
    {
        _feed = feed;
        _scheme = options.DefaultScheme is { } scheme ? Encoding.ASCII.GetBytes(scheme + "://") : null;
        _distinct = options.Dedupe ? new DistinctUrls() : null;

        // How many are the same is not known before.
        Total = !options.Dedupe && items <= long.MaxValue / count ? items * count : null;
        IsEndless = count is null;
    }

    /// <summary>URLs that were left out, since the list had had them already.</summary>
    public long Duplicates { get; private set; }

    /// <inheritdoc/>
    public long? Total { get; }

    /// <summary>Whether it goes on as long as somebody takes from it.</summary>
    public bool IsEndless { get; }

    /// <summary>Opens the list. Nothing is fetched yet, so an input that cannot be read ends the run here.</summary>
    /// <param name="sources">
    /// Each a URL when it begins with a scheme and <c>://</c>, standard input when it is <c>-</c>, else a file.
    /// </param>
    /// <param name="count">How many times over, at least 1; null for as long as somebody takes from it.</param>
    /// <param name="openStandardInput">What <c>-</c> reads; null for the process's standard input.</param>
    /// <param name="options">How they are read; null is in the usual way.</param>
    /// <exception cref="SourceException">A file is missing, unreadable or a directory, or the list is empty.</exception>
    public static UrlSource Open(IReadOnlyList<string> sources, int? count = 1, Func<Stream>? openStandardInput = null, ListOptions? options = null)
    {
        options ??= new ListOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(count ?? 1, 1, nameof(count));
        if (sources.Count(source => source == "-") > 1)
        {
            throw new SourceException("standard input can be read only once, so - may be given only once");
        }

        var inputs = new List<UrlInput>(sources.Count);
        try
        {
            foreach (var source in sources)
            {
                inputs.Add(UrlInput.Open(source, again: count != 1, options, openStandardInput ?? StandardStreams.OpenInput));
            }

            return Open(inputs, count, options, EmptyMessage(sources));
        }
        catch
        {
            inputs.ForEach(input => input.Dispose());
            throw;
        }
    }

    /// <inheritdoc/>
    public TakeStatus TryTake(UrlItem item)
    {
        TakeStatus status;
        lock (_gate)
        {
            status = _distinct is null ? TryTakeLine(item) : TryTakeDistinct(item, _distinct);
        }

        // A plain line needs no reading.
        if (status == TakeStatus.Taken && _distinct is null && (_scheme is not null || item.Text.Span[0] == '{'))
        {
            Read(item);
        }

        return status;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TakeStatus TryTakeLine(UrlItem item)
    {
        if (_block is null)
        {
            var status = _feed.TryNext(out _block);
            if (_block is null)
            {
                return status;
            }
        }

        _block.CopyTo(item);
        item.Index = _index++;

        // Looks ahead, so that a block in hand always has an item and nobody is woken for a comment.
        if (!_block.MoveNext())
        {
            _feed.Return(_block);
            _block = null;
        }

        return TakeStatus.Taken;
    }

    /// <summary>The next line that is not the same as one before it; those that are get no index.</summary>
    private TakeStatus TryTakeDistinct(UrlItem item, DistinctUrls distinct)
    {
        TakeStatus status;
        while ((status = TryTakeLine(item)) == TakeStatus.Taken)
        {
            if (item.Round != _round)
            {
                distinct.Clear();
                _round = item.Round;
            }

            Read(item);
            if (distinct.Add(item))
            {
                return TakeStatus.Taken;
            }

            _index--;
            Duplicates++;
        }

        return status;
    }

    /// <summary>Makes of a line what it says.</summary>
    private void Read(UrlItem item)
    {
        if (item.Text.Span[0] == '{' && item.Problem is null)
        {
            JsonUrlLine.Read(item);
        }

        if (_scheme is not null && item.Problem is null && !HasScheme(item.Text.Span))
        {
            item.Text.Set([.. item.Text.Span.StartsWith("//"u8) ? _scheme.AsSpan(0, _scheme.Length - 2) : _scheme, .. item.Text.Span]);
        }
    }

    /// <summary>Whether a line begins with a scheme (RFC 3986, section 3.1). What stands before a port is none: <c>localhost:8080</c>.</summary>
    private static bool HasScheme(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOfAnyExcept(SchemeBytes);
        return end > 0 && text[end] == ':' && (end + 1 == text.Length || !char.IsAsciiDigit((char)text[end + 1]));
    }

    /// <inheritdoc/>
    /// <remarks>When there is something already, the call is made before this returns. It must not throw.</remarks>
    public void NotifyWhenReady(Action ready)
    {
        lock (_gate)
        {
            if (_block is null && _feed.TryPark(ready))
            {
                return;
            }
        }

        ready();
    }

    /// <summary>Stops the reading. A read that waits just now ends with its input or with the process.</summary>
    public void Dispose()
    {
        _feed.Dispose();
        lock (_gate)
        {
            _distinct?.Dispose();
        }
    }

    private static UrlSource Open(List<UrlInput> inputs, int? count, ListOptions options, string emptyMessage)
    {
        long bytes = 0, globbed = 0;
        foreach (var input in inputs)
        {
            // A special file may call itself empty and have no end.
            if (input is { Url: null, Glob: null, Length: null or 0 })
            {
                return new UrlSource(new StreamedFeed(inputs, count, emptyMessage), options, items: null, count);
            }

            globbed += input.Glob?.Count ?? 0;
            bytes += input.Glob is null ? input.Length ?? 0 : 0;
        }

        if (bytes > LoadLimit || globbed > MostGlobbed)
        {
            // Nothing is read to know how many a pattern stands for.
            long? items = bytes > CountLimit ? null : globbed + CountItems(inputs.FindAll(input => input.Glob is null));
            return new UrlSource(new StreamedFeed(inputs, count, emptyMessage), options, items, count);
        }

        var blocks = Load(inputs, out var loaded);
        inputs.ForEach(input => input.Dispose());
        return loaded > 0 ? new UrlSource(new LoadedFeed(blocks, count), options, loaded, count) : throw new SourceException(emptyMessage);
    }

    private static List<LineBlock> Load(List<UrlInput> inputs, out long items)
    {
        var blocks = new List<LineBlock>(inputs.Count);
        items = Walk(inputs, block => blocks.Add(block.Copy()));
        return blocks;
    }

    private static long CountItems(List<UrlInput> inputs) => Walk(inputs, _ => { });

    /// <summary>Reads the list once, calls back for each block that has an item, and counts the items.</summary>
    private static long Walk(List<UrlInput> inputs, Action<LineBlock> visit)
    {
        var reader = new ListReader(inputs);
        var block = new LineBlock();
        long items = 0;
        while (reader.Read(block))
        {
            var count = block.CountItems();
            if (count > 0)
            {
                visit(block);
                items += count;
            }
        }

        return items;
    }

    private static string EmptyMessage(IReadOnlyList<string> sources) => sources switch
    {
        ["-"] => "standard input holds no URL",
        [var one] => $"{one} holds no URL",
        _ => "the sources hold no URL",
    };
}
