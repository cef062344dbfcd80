using System.Buffers;
using System.Text;

namespace Fetcher.Core.Http;

/// <summary>
/// Reads a robots.txt while it comes (RFC 9309, section 2.2), and keeps of it only the rules for one client. Lines that are none of a robots.txt do not
/// count; nothing is an error.
/// </summary>
/// <param name="token">The client's product token; the groups of all clients, <c>*</c>, count when none is this one's.</param>
internal sealed class RobotsParser(string token)
{
    /// <summary>Bytes that are read of a file; what is behind them does not count (section 2.5).</summary>
    public const int MostBytes = 500 * 1024;

    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _own = new();
    private readonly ArrayBufferWriter<byte> _anyones = new();
    private long _read;
    private bool _isOwn;
    private bool _isAnyones;
    private bool _isNamed;
    private bool _inAgents;

    /// <summary>Whether there is more of the file than is read.</summary>
    public bool IsFull => _read > MostBytes;

    /// <summary>Takes a run of the file.</summary>
    public void Write(ReadOnlySpan<byte> run)
    {
        var rest = run[..(int)Math.Clamp(MostBytes - _read, 0, run.Length)];
        _read += run.Length;
        while (rest.IndexOfAny((byte)'\r', (byte)'\n') is >= 0 and var end)
        {
            TakeLine(rest[..end]);
            rest = rest[(end + 1)..];
        }

        _line.Write(rest);
    }

    /// <summary>The rules; the file is over. A last line that the limit cut short says nothing for sure.</summary>
    public RobotsRules End()
    {
        if (!IsFull)
        {
            TakeLine([]);
        }

        var rules = _isNamed ? _own : _anyones;
        return rules.WrittenCount == 0 ? RobotsRules.AllowAll : new RobotsRules(rules.WrittenSpan.ToArray());
    }

    private void TakeLine(ReadOnlySpan<byte> end)
    {
        if (_line.WrittenCount == 0)
        {
            ReadLine(end);
            return;
        }

        _line.Write(end);
        ReadLine(_line.WrittenSpan);
        _line.ResetWrittenCount();
    }

    private void ReadLine(ReadOnlySpan<byte> line)
    {
        line = line.StartsWith("\uFEFF"u8) ? line[3..] : line;
        var comment = line.IndexOf((byte)'#');
        line = comment < 0 ? line : line[..comment];
        var colon = line.IndexOf((byte)':');
        if (colon < 0)
        {
            return;
        }

        var name = HttpGrammar.TrimBlanks(line[..colon]);
        var value = HttpGrammar.TrimBlanks(line[(colon + 1)..]);
        if (Ascii.EqualsIgnoreCase(name, "user-agent"u8))
        {
            TakeAgent(value);
        }
        else if (Ascii.EqualsIgnoreCase(name, "allow"u8) || Ascii.EqualsIgnoreCase(name, "disallow"u8))
        {
            _inAgents = false;
            if (value.Length > 0 && (_isOwn || (_isAnyones && !_isNamed)))
            {
                RobotsRules.Add(_isOwn ? _own : _anyones, value, allows: name.Length == "allow".Length);
            }
        }
    }

    private void TakeAgent(ReadOnlySpan<byte> agent)
    {
        if (!_inAgents)
        {
            (_inAgents, _isOwn, _isAnyones) = (true, false, false);
        }

        _isAnyones |= agent.SequenceEqual("*"u8);
        _isOwn |= token.Length > 0 && RobotsRules.TokenOf(Encoding.UTF8.GetString(agent)).Equals(token, StringComparison.OrdinalIgnoreCase);
        if (_isOwn && !_isNamed)
        {
            _isNamed = true;
            _anyones.ResetWrittenCount();
        }
    }
}
