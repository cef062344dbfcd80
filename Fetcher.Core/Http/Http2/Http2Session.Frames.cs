using System.Buffers.Binary;

namespace Fetcher.Core.Http.Http2;

/// <summary>What each type of frame means (RFC 9113, section 6).</summary>
internal sealed partial class Http2Session
{
    private readonly HpackDecoder _decoder;
    private Http2Budget _budget;
    private byte[] _section = [];
    private int _sectionLength;
    private int _sectionStream;
    private bool _sectionEnds;
    private int _continuations;

    private Http2Event Handle(Http2FrameHeader header, ReadOnlySpan<byte> payload) => header.Type switch
    {
        Http2FrameType.Data => OnData(header, payload),
        Http2FrameType.Headers => OnHeaders(header, payload),
        Http2FrameType.Continuation => OnContinuation(header, payload),
        Http2FrameType.Priority => OnPriority(header),
        Http2FrameType.RstStream => OnReset(header, payload),
        Http2FrameType.Settings => OnSettings(header, payload),
        Http2FrameType.PushPromise => Fail(Http2Error.ProtocolError, "PUSH_PROMISE, which we have said we do not take"),
        Http2FrameType.Ping => OnPing(header, payload),
        Http2FrameType.GoAway => OnGoAway(header, payload),
        Http2FrameType.WindowUpdate => OnWindowUpdate(header, payload),
        _ => _budget.TrySpend(_now) ? default : TooManyIdle(),
    };

    /// <summary>Finds the stream that a frame is about: null when it has ended. The connection fails when there was none, or none that could have the frame.</summary>
    private bool TryFind(Http2FrameHeader header, out Http2Stream? stream)
    {
        if (_streams.TryGet(header.Stream, out stream))
        {
            return true;
        }

        if (header.Stream == 0 || header.Stream % 2 == 0 || header.Stream >= _nextId)
        {
            Fail(Http2Error.ProtocolError, $"{header.Type.Name()} on a stream that was never opened");
            return false;
        }

        var isReset = header.Stream < _lenientBelow || _resets.Contains(header.Stream);
        if (header.Type is Http2FrameType.Data or Http2FrameType.Headers && !isReset)
        {
            Fail(Http2Error.StreamClosed, $"{header.Type.Name()} on a stream that had ended");
            return false;
        }

        return true;
    }

    private Http2Event TooManyIdle() => Fail(Http2Error.EnhanceYourCalm, "too many frames that move no stream on");

    private Http2Event WrongLength(Http2FrameHeader header) => Fail(Http2Error.FrameSizeError, $"{header.Type.Name()} of a wrong length");

    private Http2Event OnHeaders(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (!TryFind(header, out var stream))
        {
            return default;
        }

        var before = (header.Has(Http2Flags.Padded) ? 1 : 0) + (header.Has(Http2Flags.Priority) ? 5 : 0);
        var padding = header.Has(Http2Flags.Padded) && !payload.IsEmpty ? payload[0] : 0;
        if (payload.Length < before)
        {
            return WrongLength(header);
        }

        if (before + padding > payload.Length)
        {
            return Fail(Http2Error.ProtocolError, "a padding longer than its frame");
        }

        var section = payload[before..^padding];
        _sectionEnds = header.Has(Http2Flags.EndStream);
        if (header.Has(Http2Flags.EndHeaders))
        {
            return OnSection(stream, section);
        }

        (_sectionStream, _sectionLength, _continuations) = (header.Stream, 0, 0);
        AddToSection(section);
        return default;
    }

    private Http2Event OnContinuation(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (++_continuations > _limits.Continuations)
        {
            return Fail(Http2Error.EnhanceYourCalm, $"more than {_limits.Continuations} CONTINUATION frames");
        }

        AddToSection(payload);
        if (!header.Has(Http2Flags.EndHeaders))
        {
            return default;
        }

        _sectionStream = 0;
        return OnSection(_streams.TryGet(header.Stream, out var stream) ? stream : null, _section.AsSpan(0, _sectionLength));
    }

    private void AddToSection(ReadOnlySpan<byte> part)
    {
        if (_section.Length < _sectionLength + part.Length)
        {
            Array.Resize(ref _section, Math.Max(_sectionLength + part.Length, 2 * _section.Length));
        }

        part.CopyTo(_section.AsSpan(_sectionLength));
        _sectionLength += part.Length;
    }

    /// <summary>A header section is whole: it has to be read, whoever wants it, since it may change what the next one means.</summary>
    private Http2Event OnSection(Http2Stream? stream, ReadOnlySpan<byte> section)
    {
        if (stream is null or { IsAbandoned: true })
        {
            return OnUnwantedSection(stream, section);
        }

        if (stream.HasHead)
        {
            return OnTrailers(stream, section);
        }

        if (_decoder.Decode(section) is { } failure)
        {
            return Fail(failure);
        }

        return Http2HeadReader.Read(stream.Head, _decoder.Section, stream.IsHead, isWhole: _sectionEnds) is { } reason
            ? Break(stream, Http2Error.ProtocolError, reason)
            : OnHead(stream);
    }

    private Http2Event OnHead(Http2Stream stream)
    {
        var head = stream.Head;
        if (head.Status < 200)
        {
            return _sectionEnds ? Break(stream, Http2Error.ProtocolError, "a stream that ends with an interim response")
                : ++stream.Interim > _limits.Interim
                    ? Break(stream, Http2Error.EnhanceYourCalm, $"more than {_limits.Interim} interim (1xx) responses")
                : new Http2Event(Http2EventKind.Interim, stream);
        }

        stream.HasHead = true;
        stream.BodyLeft = head.Framing switch
        {
            BodyFraming.None => 0,
            BodyFraming.ContentLength => head.ContentLength,
            _ => -1,
        };
        if (_sectionEnds)
        {
            if (stream.BodyLeft > 0)
            {
                return Break(stream, Http2Error.ProtocolError, Missing(stream.BodyLeft));
            }

            End(stream);
        }

        return new Http2Event(Http2EventKind.Head, stream);
    }

    private Http2Event OnTrailers(Http2Stream stream, ReadOnlySpan<byte> section)
    {
        if (_decoder.Decode(section) is { } failure)
        {
            return Fail(failure);
        }

        var reason = !_sectionEnds ? "a second header section that does not end the stream"
            : stream.BodyLeft > 0 ? Missing(stream.BodyLeft)
            : Http2HeadReader.Judge(_decoder.Section, isTrailer: true);
        if (reason is not null)
        {
            return Break(stream, Http2Error.ProtocolError, reason);
        }

        End(stream);
        return new Http2Event(Http2EventKind.Data, stream);
    }

    private Http2Event OnUnwantedSection(Http2Stream? stream, ReadOnlySpan<byte> section)
    {
        if (_decoder.Decode(section) is { } failure)
        {
            return Fail(failure);
        }

        if (stream is not null && _sectionEnds)
        {
            End(stream);
        }

        return _budget.TrySpend(_now) ? default : TooManyIdle();
    }

    private Http2Event OnPriority(Http2FrameHeader header) =>
        header.Stream == 0 ? Fail(Http2Error.ProtocolError, "PRIORITY on no stream")
        : header.Length != 5 ? WrongLength(header)
        : _budget.TrySpend(_now) ? default
        : TooManyIdle();

    private Http2Event OnReset(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Length != 4)
        {
            return WrongLength(header);
        }

        if (!TryFind(header, out var stream))
        {
            return default;
        }

        if (stream is null)
        {
            return _budget.TrySpend(_now) ? default : TooManyIdle();
        }

        // Kestrel may still send the header section of a response that it has reset, which is a failure of that stream alone (RFC 9113, section 5.1).
        var isWanted = !stream.IsAbandoned;
        Remove(stream);
        Remember(stream);
        var code = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload);
        return isWanted ? new Http2Event(Http2EventKind.Reset, stream, Failure: new Http2Failure(code, "reset by the server")) : default;
    }

    private Http2Event OnPing(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Length != 8)
        {
            return WrongLength(header);
        }

        if (header.Stream != 0)
        {
            return Fail(Http2Error.ProtocolError, "PING on a stream");
        }

        if (!_budget.TrySpend(_now))
        {
            return TooManyIdle();
        }

        if (!header.Has(Http2Flags.Ack))
        {
            _output.AcknowledgePing(payload);
        }

        return default;
    }

    private Http2Event OnGoAway(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Length < 8)
        {
            return WrongLength(header);
        }

        var last = (int)(BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue);
        if (header.Stream != 0 || last > LastProcessed)
        {
            return Fail(Http2Error.ProtocolError, header.Stream != 0 ? "GOAWAY on a stream" : "GOAWAY with a later stream than before");
        }

        if (!_budget.TrySpend(_now))
        {
            return TooManyIdle();
        }

        (LastProcessed, GoneAway) = (last, (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(payload[4..]));
        return new Http2Event(Http2EventKind.GoAway);
    }

    private Http2Event OnWindowUpdate(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Length != 4)
        {
            return WrongLength(header);
        }

        Http2Stream? stream = null;
        if (header.Stream != 0 && !TryFind(header, out stream))
        {
            return default;
        }

        var increment = BinaryPrimitives.ReadUInt32BigEndian(payload) & int.MaxValue;
        if (!_budget.TrySpend(_now))
        {
            return TooManyIdle();
        }

        if (header.Stream == 0)
        {
            _sendWindow += increment;
            return increment == 0 ? Fail(Http2Error.ProtocolError, "WINDOW_UPDATE of 0")
                : _sendWindow > Http2Limits.MaxWindow ? Fail(Http2Error.FlowControlError, "a window beyond its largest size")
                : default;
        }

        if (stream is null)
        {
            return default;
        }

        stream.SendWindow += increment;
        return increment == 0 ? Break(stream, Http2Error.ProtocolError, "WINDOW_UPDATE of 0")
            : stream.SendWindow > Http2Limits.MaxWindow ? Break(stream, Http2Error.FlowControlError, "a window beyond its largest size")
            : default;
    }
}
