using System.Buffers;

namespace Fetcher.Core.Work.Sources;

/// <summary>
/// Whole lines of one input, and the place of the next one that is an item: neither blank nor a comment. Nothing is allocated per line.
/// </summary>
internal sealed class LineBlock
{
    /// <summary>Bytes in a block, and so the longest line with its newline that is read.</summary>
    public const int Size = 64 * 1024;

    /// <summary>How much of a line that is too long goes into the report.</summary>
    private const int ShownOfLongLine = 128;

    /// <summary>No white space is above it.</summary>
    private const byte Space = (byte)' ';

    private const string LongLine = "it is longer than 65535 bytes";

    private static readonly SearchValues<byte> Unplain = SearchValues.Create(" \t\r\v\f#"u8);

    private string _origin = "";
    private string? _problem;
    private bool _isArgument;
    private bool _isNumbered;
    private long _linesBefore;
    private int _length;
    private int _next;
    private long _line;
    private int _itemStart;
    private int _itemLength;

    public LineBlock()
        : this(GC.AllocateUninitializedArray<byte>(Size))
    {
    }

    private LineBlock(byte[] bytes) => Bytes = bytes;

    private static ReadOnlySpan<byte> WhiteSpace => " \t\r\n\v\f"u8;

    private static ReadOnlySpan<byte> ByteOrderMark => [0xEF, 0xBB, 0xBF];

    /// <summary>Where the reader puts bytes before it calls <see cref="SetLines"/> or <see cref="SetLongLine"/>.</summary>
    public byte[] Bytes { get; }

    /// <summary>How many times the list was gone through before these lines.</summary>
    public int Round { get; set; }

    /// <summary>Says what the first <paramref name="length"/> bytes are.</summary>
    /// <param name="origin">Name of the input.</param>
    /// <param name="linesBefore">Lines of the input before these.</param>
    /// <param name="length">Bytes of whole lines; the last may lack its newline.</param>
    /// <param name="isNumbered">Whether the lines have numbers that mean something to people.</param>
    public void SetLines(string origin, long linesBefore, int length, bool isNumbered = true)
    {
        _isNumbered = isNumbered;
        _origin = origin;
        _problem = null;
        _isArgument = false;
        _linesBefore = linesBefore;
        _length = length;
        Rewind();
    }

    /// <summary>Says that the block is full of one line that goes on.</summary>
    public void SetLongLine(string origin, long linesBefore)
    {
        SetLines(origin, linesBefore, Bytes.Length);
        _problem = LongLine;
    }

    /// <summary>Makes it a block of one item that is not a line of a file: a newline in it does not end it, a # does not hide it.</summary>
    public void SetArgument(ReadOnlySpan<byte> url, string? problem = null)
    {
        var length = Math.Min(url.Length, Bytes.Length);
        url[..length].CopyTo(Bytes);
        SetLines(UrlInput.Argument, linesBefore: 0, length);
        _isArgument = true;
        _problem = length < url.Length ? LongLine : problem;
    }

    /// <summary>A copy of its own with no room to spare.</summary>
    public LineBlock Copy() => new(Bytes.AsSpan(0, _length).ToArray())
    {
        _origin = _origin,
        _problem = _problem,
        _isArgument = _isArgument,
        _isNumbered = _isNumbered,
        _linesBefore = _linesBefore,
        _length = _length,
    };

    /// <summary>Goes back to before the first item.</summary>
    public void Rewind()
    {
        _next = 0;
        _line = _linesBefore;
    }

    /// <summary>Moves to the next item; false when there is none.</summary>
    public bool MoveNext()
    {
        while (_next < _length)
        {
            var start = _next;
            var line = TakeLine();
            if (_line == 1 && line.StartsWith(ByteOrderMark))
            {
                line = line[ByteOrderMark.Length..];
                start += ByteOrderMark.Length;
            }

            var trimmed = line;
            if (line.Length > 0 && (line[0] <= Space || line[^1] <= Space))
            {
                trimmed = line.TrimStart(WhiteSpace);
                start += line.Length - trimmed.Length;
                trimmed = trimmed.TrimEnd(WhiteSpace);
            }

            if (trimmed.Length > 0 && (_isArgument || trimmed[0] != (byte)'#'))
            {
                _itemStart = start;
                _itemLength = trimmed.Length;
                return true;
            }
        }

        return false;
    }

    /// <summary>Counts the items of the block, which is left before the first.</summary>
    public int CountItems()
    {
        var count = 0;
        if (_isArgument || !TryCountPlain(Bytes.AsSpan(0, _length), out count))
        {
            for (count = 0; MoveNext(); count++)
            {
            }

            Rewind();
        }

        return count;
    }

    /// <summary>Fills <paramref name="item"/>, except for its index, with the item that <see cref="MoveNext"/> found.</summary>
    public void CopyTo(UrlItem item)
    {
        item.Text.Set(Bytes.AsSpan(_itemStart, _problem is null ? _itemLength : Math.Min(_itemLength, ShownOfLongLine)));
        item.Origin = _origin;
        item.Line = _isNumbered ? _line : 0;
        item.Problem = _problem;
        item.Round = Round;
        item.Options = null;
        item.GiveUp = default;
    }

    /// <summary>Counts lines of which each is an item, as in most lists: none is blank, a comment or ends in CR LF. That takes no look at single lines.</summary>
    private static bool TryCountPlain(ReadOnlySpan<byte> lines, out int count)
    {
        count = lines.Count((byte)'\n') + (lines is [.., not (byte)'\n'] ? 1 : 0);
        return !lines.ContainsAny(Unplain) && lines is not [(byte)'\n', ..] && lines.IndexOf("\n\n"u8) < 0 && !lines.StartsWith(ByteOrderMark);
    }

    private ReadOnlySpan<byte> TakeLine()
    {
        var rest = Bytes.AsSpan(_next, _length - _next);
        if (_isArgument)
        {
            _next = _length;
            return rest;
        }

        _line++;
        var newline = rest.IndexOf((byte)'\n');
        if (newline < 0)
        {
            _next = _length;
            return rest;
        }

        _next += newline + 1;
        return rest[..newline];
    }
}
