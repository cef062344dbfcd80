using Fetcher.Core.Http;

namespace Fetcher.Core.Fetch;

/// <summary>The body of a robots.txt, read while it comes.</summary>
/// <param name="token">The product token of the client that it is read for.</param>
internal sealed class RobotsText(string token)
{
    private RobotsParser? _parser;

    /// <summary>Whether all of it that counts has come.</summary>
    public bool IsFull => _parser is { IsFull: true };

    /// <summary>Takes a run of the body.</summary>
    /// <exception cref="FetchException">There is enough of it.</exception>
    public void Write(ReadOnlySpan<byte> run)
    {
        _parser ??= new RobotsParser(token);
        _parser.Write(run);
        if (_parser.IsFull)
        {
            throw Failures.TextTooLong.Of(RobotsParser.MostBytes).Thrown();
        }
    }

    /// <summary>What it says; there is no more of it.</summary>
    public RobotsRules End()
    {
        var rules = _parser?.End() ?? RobotsRules.AllowAll;
        _parser = null;
        return rules;
    }
}
