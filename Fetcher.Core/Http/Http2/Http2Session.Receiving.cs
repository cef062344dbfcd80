using System.Runtime.CompilerServices;

namespace Fetcher.Core.Http.Http2;

/// <summary>Cuts what is received into frames. The payload of DATA is handed out as it comes; that of others is gathered first, which is bounded.</summary>
internal sealed partial class Http2Session
{
    /// <summary>What is wrong with a server that does not begin as RFC 9113, section 3.4, has it.</summary>
    public const string NoSettingsFirst = "the first frame is not SETTINGS";

    /// <summary>What the first bytes of a status line would be as a length.</summary>
    public const int HttpSlash = ('H' << 16) | ('T' << 8) | 'T';

    /// <summary>What DATA on a stream that was reset counts at least.</summary>
    private const int LeastStray = 256;

    /// <summary>What a fast server sends while a loop lets events gather, and more. Bytes.</summary>
    private const int LeastFlow = 256 * 1024;

    /// <summary>The failure when the server answers with HTTP/1.</summary>
    public static readonly Http2Failure NotSpoken = new(Http2Error.ProtocolError, "it answers with HTTP/1");

    private byte[] _frame = [];
    private int _framed;
    private Http2Stream? _dataStream;
    private int _dataId;
    private int _dataLeft;
    private int _paddingLeft;
    private bool _dataEnds;
    private bool _isInData;
    private long _now;

    /// <summary>Whether the body of which a part came last goes on by itself: it has not ended, and the windows have room for what a fast server sends meanwhile.</summary>
    public bool IsFlowing => _streams.TryGet(_dataId, out var stream) && Math.Min(stream.Window, WindowLeft) >= LeastFlow;

    /// <summary>Whether a DATA frame has come in part only, which counts for the windows whole.</summary>
    public bool IsInData => _isInData;

    /// <summary>Reads on to the next event.</summary>
    /// <param name="input">What has been received.</param>
    /// <param name="at">How much of it has been read.</param>
    /// <param name="now">Now, in nanoseconds.</param>
    /// <returns>The event; <see cref="Http2EventKind.None"/> when all has been read, or the connection has failed.</returns>
    public Http2Event Receive(ReadOnlyMemory<byte> input, ref int at, long now)
    {
        _now = now;
        while (Failure is null)
        {
            Http2Event found;
            if (_isInData)
            {
                if (at == input.Length && _dataLeft + _paddingLeft > 0)
                {
                    return default;
                }

                found = TakeData(input, ref at);
            }
            else if (TryTakeFrame(input.Span, ref at, out var header, out var payload))
            {
                found = Handle(header, payload);
            }
            else
            {
                return default;
            }

            if (found.Kind != Http2EventKind.None)
            {
                return found;
            }
        }

        return default;
    }

    /// <summary>Takes a frame; of DATA only the header, and the length of its padding.</summary>
    private bool TryTakeFrame(ReadOnlySpan<byte> input, ref int at, out Http2FrameHeader header, out ReadOnlySpan<byte> payload)
    {
        header = default;
        payload = default;
        var data = input[at..];
        if (_framed == 0 && data.Length >= Http2FrameHeader.Size)
        {
            header = Http2FrameHeader.Read(data);
            if (!MayCome(header))
            {
                return false;
            }

            var size = Http2FrameHeader.Size + Gathered(header);
            if (data.Length >= size)
            {
                payload = data[Http2FrameHeader.Size..size];
                at += size;
                return true;
            }
        }

        while (true)
        {
            var needed = Http2FrameHeader.Size;
            if (_framed >= Http2FrameHeader.Size)
            {
                header = Http2FrameHeader.Read(_frame);
                if (_framed == Http2FrameHeader.Size && !MayCome(header))
                {
                    return false;
                }

                needed += Gathered(header);
                if (_framed == needed)
                {
                    payload = _frame.AsSpan(Http2FrameHeader.Size, needed - Http2FrameHeader.Size);
                    _framed = 0;
                    return true;
                }
            }

            var taken = Math.Min(needed - _framed, input.Length - at);
            if (taken == 0)
            {
                return false;
            }

            if (_frame.Length < needed)
            {
                Array.Resize(ref _frame, needed);
            }

            input.Slice(at, taken).CopyTo(_frame.AsSpan(_framed));
            at += taken;
            _framed += taken;
        }
    }

    /// <summary>How much of the payload is gathered before the frame is looked at.</summary>
    private static int Gathered(Http2FrameHeader header) => header.Type != Http2FrameType.Data ? header.Length : header.Has(Http2Flags.Padded) ? 1 : 0;

    /// <summary>Judges a frame by its header, before its payload is waited for.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool MayCome(Http2FrameHeader header)
    {
        // Of nearly every frame, this is all there is to ask.
        var isPlain = IsSettled && header.Length is > 0 and <= Http2Limits.MaxFrameSize && _sectionStream == 0 && header.Type != Http2FrameType.Continuation;
        return isPlain || MayComeAtAll(header);
    }

    private bool MayComeAtAll(Http2FrameHeader header)
    {
        if (!IsSettled && header.Length == HttpSlash)
        {
            Fail(NotSpoken);
        }
        else if (header.Length > Http2Limits.MaxFrameSize)
        {
            Fail(Http2Error.FrameSizeError, $"a frame longer than {Http2Limits.MaxFrameSize} bytes");
        }
        else if (!IsSettled && (header.Type != Http2FrameType.Settings || header.Has(Http2Flags.Ack)))
        {
            Fail(Http2Error.ProtocolError, NoSettingsFirst);
        }
        else if (_sectionStream != 0 != (header.Type == Http2FrameType.Continuation) || (_sectionStream != 0 && header.Stream != _sectionStream))
        {
            Fail(Http2Error.ProtocolError, _sectionStream != 0 ? "a frame within a header section" : "CONTINUATION without a header section");
        }
        else if (header.Type == Http2FrameType.Data && header.Has(Http2Flags.Padded) && header.Length == 0)
        {
            Fail(Http2Error.FrameSizeError, "DATA without the length of its padding");
        }

        return Failure is null;
    }

    /// <summary>Begins a DATA frame (RFC 9113, section 6.1).</summary>
    private Http2Event OnData(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var padding = header.Has(Http2Flags.Padded) ? payload[0] : 0;
        var data = header.Length - payload.Length - padding;
        if (data < 0)
        {
            return Fail(Http2Error.ProtocolError, "a padding longer than its frame");
        }

        if (!TryFind(header, out var stream))
        {
            return default;
        }

        _window -= header.Length;
        if (_window < 0)
        {
            return Fail(Http2Error.FlowControlError, "more DATA than the connection's window");
        }

        (_dataStream, _dataId, _dataLeft, _paddingLeft) = (stream, header.Stream, data, padding);
        (_dataEnds, _isInData) = (header.Has(Http2Flags.EndStream), true);
        _stray -= stream is null ? Math.Max(header.Length, LeastStray) : 0;
        var isIdle = stream is null ? _stray < 0 : data == 0 && !_dataEnds;
        if (isIdle && !_budget.TrySpend(_now))
        {
            return TooManyIdle();
        }

        Release(payload.Length);
        if (stream is null)
        {
            return default;
        }

        stream.Window -= header.Length;
        stream.Owed += payload.Length + padding;
        return stream.Window < -stream.Slack ? BreakInData(stream, Http2Error.FlowControlError, "more DATA than the stream's window")
            : !stream.HasHead ? BreakInData(stream, Http2Error.ProtocolError, "DATA before the header section")
            : stream.BodyLeft >= 0 && data > stream.BodyLeft ? BreakInData(stream, Http2Error.ProtocolError, "more DATA than was announced")
            : _dataEnds && data < stream.BodyLeft ? BreakInData(stream, Http2Error.ProtocolError, Missing(stream.BodyLeft - data))
            : default;
    }

    /// <summary>Takes a run of a DATA frame's payload, or its end.</summary>
    private Http2Event TakeData(ReadOnlyMemory<byte> input, ref int at)
    {
        var run = input.Slice(at, Math.Min(_dataLeft, input.Length - at));
        at += run.Length;
        _dataLeft -= run.Length;
        if (_dataLeft == 0)
        {
            var padding = Math.Min(_paddingLeft, input.Length - at);
            at += padding;
            _paddingLeft -= padding;
            Release(padding);
            _isInData = _paddingLeft > 0;
        }

        // Whose it is may have ended it meanwhile, and the object may be another stream already.
        if (_dataStream is not { IsOpen: true } stream || stream.Id != _dataId)
        {
            Release(run.Length);
            return default;
        }

        var ends = _dataLeft == 0 && _dataEnds;
        _dataStream = _dataLeft > 0 ? stream : null;
        stream.BodyLeft -= stream.BodyLeft < 0 ? 0 : run.Length;
        if (ends)
        {
            End(stream);
        }

        if (stream.IsAbandoned)
        {
            Drop(stream, run.Length);
            return default;
        }

        return ends || !run.IsEmpty ? new Http2Event(Http2EventKind.Data, stream, run) : default;
    }

    /// <summary>Drops a run of a body that nobody wants, and the rest with its stream once that is too long.</summary>
    private void Drop(Http2Stream stream, int length)
    {
        Release(length);
        stream.DrainLeft -= length;
        if (stream.IsOpen && stream.DrainLeft < 0)
        {
            Reset(stream, Http2Error.Cancel);
        }
    }

    private static string Missing(long bytes) => $"{bytes} bytes less DATA than was announced";

    private Http2Event BreakInData(Http2Stream stream, Http2Error error, string reason)
    {
        _dataStream = null;
        return Break(stream, error, reason);
    }
}
