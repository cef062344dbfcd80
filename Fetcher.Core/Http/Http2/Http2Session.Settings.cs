using System.Buffers.Binary;

namespace Fetcher.Core.Http.Http2;

/// <summary>What the server says of itself (RFC 9113, section 6.5).</summary>
internal sealed partial class Http2Session
{
    private const int SettingSize = 6;

    private Http2Event OnSettings(Http2FrameHeader header, ReadOnlySpan<byte> payload)
    {
        var isAck = header.Has(Http2Flags.Ack);
        if (header.Stream != 0)
        {
            return Fail(Http2Error.ProtocolError, "SETTINGS on a stream");
        }

        if (header.Length % SettingSize != 0 || (isAck && header.Length != 0))
        {
            return WrongLength(header);
        }

        if (!_budget.TrySpend(_now))
        {
            return TooManyIdle();
        }

        if (isAck)
        {
            _isAcknowledged = true;
            return default;
        }

        if (!IsSettled)
        {
            // As many as there can be, unless it says otherwise.
            IsSettled = true;
            _mostStreams = int.MaxValue;
        }

        for (; !payload.IsEmpty; payload = payload[SettingSize..])
        {
            var setting = (Http2Setting)BinaryPrimitives.ReadUInt16BigEndian(payload);
            if (Apply(setting, BinaryPrimitives.ReadUInt32BigEndian(payload[2..])) is { } failure)
            {
                return Fail(failure);
            }
        }

        _output.AcknowledgeSettings();
        return new Http2Event(Http2EventKind.Settings);
    }

    private Http2Failure? Apply(Http2Setting setting, uint value)
    {
        switch (setting)
        {
            case Http2Setting.HeaderTableSize:
                _encoder.LimitTable(value);
                break;

            case Http2Setting.EnablePush when value != 0:
                return new Http2Failure(Http2Error.ProtocolError, "SETTINGS_ENABLE_PUSH of a server");

            case Http2Setting.MaxConcurrentStreams:
                _mostStreams = (int)Math.Min(value, int.MaxValue);
                break;

            case Http2Setting.InitialWindowSize:
                return value > Http2Limits.MaxWindow || !TryChangeSendWindows(value)
                    ? new Http2Failure(Http2Error.FlowControlError, "a window beyond its largest size")
                    : null;

            case Http2Setting.MaxFrameSize when value is < Http2Limits.MaxFrameSize or > 0xFFFFFF:
                return new Http2Failure(Http2Error.ProtocolError, "a SETTINGS_MAX_FRAME_SIZE that cannot be");

            case Http2Setting.MaxFrameSize:
                _peerFrameSize = (int)value;
                break;
        }

        return null;
    }

    /// <summary>Streams that are open get more room, or less, like those that are not yet (RFC 9113, section 6.9.2).</summary>
    private bool TryChangeSendWindows(long first)
    {
        var change = first - _firstSendWindow;
        _firstSendWindow = first;
        foreach (var stream in _streams)
        {
            stream.SendWindow += change;
            if (stream.SendWindow > Http2Limits.MaxWindow)
            {
                return false;
            }
        }

        return true;
    }
}
