namespace Fetcher.Core.Http;

/// <summary>What a call of <see cref="ChunkedDecoder.Decode"/> found.</summary>
internal enum ChunkStatus
{
    /// <summary>A run of the body.</summary>
    Data,

    /// <summary>All input was framing and is used up.</summary>
    NeedMore,

    /// <summary>The body and its trailer section are over.</summary>
    End,

    /// <summary>The framing is broken.</summary>
    Invalid,
}

/// <summary>
/// Takes the chunked transfer coding off a body (RFC 9112, section 7.1), with no I/O and no copy: it is shown the input and says where body
/// bytes lie in it. Strict: every line ends in CR LF, a size is hexadecimal digits. Blanks behind a size, with which some servers pad it, and
/// extensions are skipped; trailer fields are checked and dropped. A new value is ready for a body, and so is <c>default</c>.
/// </summary>
internal struct ChunkedDecoder
{
    /// <summary>Longest line of a chunk's size and extensions. Bytes.</summary>
    public const int MaxSizeLine = 4096;

    /// <summary>Longest trailer section. Bytes.</summary>
    public const int MaxTrailer = 16 * 1024;

    private State _state;
    private long _size;
    private int _count;

    private enum State : byte
    {
        SizeStart, Size, BlankAfterSize, Extension, SizeLineFeed,
        Data, DataReturn, DataLineFeed,
        TrailerStart, TrailerName, TrailerValue, TrailerLineFeed, LastLineFeed,
        End,
    }

    /// <summary>Uses up framing, and at most one run of body bytes.</summary>
    /// <param name="input">The bytes after those consumed so far.</param>
    /// <param name="consumed">How many of them are done with, body bytes included.</param>
    /// <param name="dataOffset">Where the body bytes lie in <paramref name="input"/>, when the status is Data.</param>
    /// <param name="dataLength">Number of body bytes: at least 1 when the status is Data.</param>
    /// <param name="reason">A short clause that says what is wrong, when Invalid.</param>
    public ChunkStatus Decode(ReadOnlySpan<byte> input, out int consumed, out int dataOffset, out int dataLength, out string? reason)
    {
        dataOffset = dataLength = 0;
        reason = null;
        consumed = 0;
        while (_state != State.End)
        {
            if (consumed == input.Length)
            {
                return ChunkStatus.NeedMore;
            }

            if (_state == State.Data)
            {
                dataOffset = consumed;
                dataLength = (int)Math.Min(_size, input.Length - consumed);
                consumed += dataLength;
                _size -= dataLength;
                if (_size == 0)
                {
                    _state = State.DataReturn;
                }

                return ChunkStatus.Data;
            }

            reason = Step(input[consumed]);
            if (reason is not null)
            {
                return ChunkStatus.Invalid;
            }

            consumed++;
        }

        return ChunkStatus.End;
    }

    /// <summary>Takes one byte of framing.</summary>
    /// <returns>Null, or what is wrong with it.</returns>
    private string? Step(byte value)
    {
        switch (_state)
        {
            case State.SizeStart:
            case State.Size:
                return StepSize(value);

            case State.BlankAfterSize when value == ';':
                _state = State.Extension;
                return CountSizeLine();

            case State.BlankAfterSize when value == HttpGrammar.CarriageReturn:
                _state = State.SizeLineFeed;
                return null;

            case State.BlankAfterSize:
                return HttpGrammar.IsBlank(value) ? CountSizeLine() : "a chunk size followed by something else than an extension";

            case State.Extension when value == HttpGrammar.CarriageReturn:
                _state = State.SizeLineFeed;
                return null;

            case State.Extension:
                return HttpGrammar.Control.Contains(value) ? "a control character in a chunk extension" : CountSizeLine();

            case State.SizeLineFeed:
                _state = _size == 0 ? State.TrailerStart : State.Data;
                _count = 0;
                return Expect(value, HttpGrammar.LineFeed, "a chunk size line that does not end in CR LF");

            case State.DataReturn:
                _state = State.DataLineFeed;
                return Expect(value, HttpGrammar.CarriageReturn, "chunk data that is not followed by CR LF");

            case State.DataLineFeed:
                _state = State.SizeStart;
                return Expect(value, HttpGrammar.LineFeed, "chunk data that is not followed by CR LF");

            default:
                return StepTrailer(value);
        }
    }

    private string? StepSize(byte value)
    {
        var digit = HttpGrammar.HexValue(value);
        if (digit >= 0)
        {
            if (_size > long.MaxValue >> 4)
            {
                return "a chunk size that is too large";
            }

            _size = (_size << 4) | (uint)digit;
            _state = State.Size;
            return CountSizeLine();
        }

        if (_state == State.SizeStart)
        {
            return "a chunk size that does not start with a hexadecimal digit";
        }

        switch (value)
        {
            case HttpGrammar.CarriageReturn:
                _state = State.SizeLineFeed;
                return null;

            case (byte)';':
                _state = State.Extension;
                return CountSizeLine();

            case HttpGrammar.Space or HttpGrammar.Tab:
                _state = State.BlankAfterSize;
                return CountSizeLine();

            default:
                return "a chunk size that is not hexadecimal digits";
        }
    }

    /// <summary>The trailer section: field lines like those of the header section, and an empty line.</summary>
    private string? StepTrailer(byte value)
    {
        if (++_count > MaxTrailer)
        {
            return $"a trailer section longer than {MaxTrailer} bytes";
        }

        switch (_state)
        {
            case State.TrailerStart when value == HttpGrammar.CarriageReturn:
                _state = State.LastLineFeed;
                return null;

            case State.TrailerStart when HttpGrammar.Token.Contains(value):
                _state = State.TrailerName;
                return null;

            case State.TrailerName when value == ':':
                _state = State.TrailerValue;
                return null;

            case State.TrailerName when HttpGrammar.Token.Contains(value):
                return null;

            case State.TrailerValue when value == HttpGrammar.CarriageReturn:
                _state = State.TrailerLineFeed;
                return null;

            case State.TrailerValue:
                return HttpGrammar.Control.Contains(value) ? "a control character in a trailer field" : null;

            case State.TrailerLineFeed:
                _state = State.TrailerStart;
                return Expect(value, HttpGrammar.LineFeed, "a trailer field that does not end in CR LF");

            case State.LastLineFeed:
                _state = State.End;
                return Expect(value, HttpGrammar.LineFeed, "a trailer section that does not end in CR LF");

            default:
                return "a trailer field without a proper name";
        }
    }

    private string? CountSizeLine() => ++_count > MaxSizeLine ? $"a chunk size line longer than {MaxSizeLine} bytes" : null;

    private static string? Expect(byte value, byte expected, string otherwise) => value == expected ? null : otherwise;
}
