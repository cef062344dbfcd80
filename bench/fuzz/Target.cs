using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Work.Journals;
using Fetcher.Core.Work.Sources;

namespace Fetcher.Fuzz;

/// <summary>A parser, and what it promises of every input.</summary>
internal abstract class Target
{
    /// <summary>The name of its corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Gives it an input, in one piece and cut in two at <paramref name="cut"/> where it can be.</summary>
    /// <returns>Whether it was accepted.</returns>
    /// <exception cref="InvalidDataException">A promise was broken.</exception>
    public abstract bool Judge(ReadOnlySpan<byte> data, int cut);

    protected static void Promise(bool kept, string what)
    {
        if (!kept)
        {
            throw new InvalidDataException(what);
        }
    }
}

/// <summary>Header sections of responses.</summary>
internal sealed class HeadTarget : Target
{
    private readonly ResponseHead _whole = new(), _inTwo = new();

    public override string Name => "head";

    public override bool Judge(ReadOnlySpan<byte> data, int cut)
    {
        var isHead = (cut & 7) == 7;
        var status = ResponseParser.Parse(data, isHead, _whole, out var consumed, out var reason);
        Promise(status == ParseStatus.Invalid == reason is not null, "a refusal and nothing else has a reason");
        Promise(status == ParseStatus.Complete ? consumed > 0 && consumed <= data.Length && _whole.Raw.SequenceEqual(data[..consumed]) : consumed == 0, "consumed");

        var first = ResponseParser.Parse(data[..cut], isHead, _inTwo, out var consumedInTwo, out var reasonInTwo);
        if (first == ParseStatus.Incomplete)
        {
            first = ResponseParser.Parse(data, isHead, _inTwo, out consumedInTwo, out reasonInTwo, cut);
        }

        Promise(first == status && consumedInTwo == consumed && reasonInTwo == reason, $"cut at {cut}: {first} {reasonInTwo} and not {status} {reason}");
        if (status != ParseStatus.Complete)
        {
            return false;
        }

        Promise(_whole.Framing == _inTwo.Framing && _whole.ContentLength == _inTwo.ContentLength && _whole.KeepAlive == _inTwo.KeepAlive, "framing");
        Promise(_whole.Framing != BodyFraming.CloseDelimited || !_whole.KeepAlive, "a body that ends with the connection leaves none");
        Promise(_whole.Status is >= 100 and <= 999, "status");
        return true;
    }
}

/// <summary>Bodies in the chunked coding.</summary>
internal sealed class ChunkTarget : Target
{
    public override string Name => "chunks";

    public override bool Judge(ReadOnlySpan<byte> data, int cut)
    {
        var (whole, inTwo) = (Decode(data, data.Length), Decode(data, cut));
        Promise(inTwo == whole, $"cut at {cut}: {inTwo} and not {whole}");
        return whole.Status == ChunkStatus.End;
    }

    private static (ChunkStatus Status, string? Reason, ulong Body, int Left) Decode(ReadOnlySpan<byte> data, int cut)
    {
        var decoder = new ChunkedDecoder();
        var (body, position) = (0UL, 0);
        while (true)
        {
            var end = position < cut ? cut : data.Length;
            var input = data[position..end];
            var status = decoder.Decode(input, out var consumed, out var offset, out var length, out var reason);
            Promise(consumed >= 0 && consumed <= input.Length && length >= 0 && offset >= 0 && offset + length <= input.Length, "out of the input");
            Promise(status == ChunkStatus.Data == length > 0, "data and nothing else has bytes");
            Promise(status == ChunkStatus.Invalid == reason is not null, "a refusal and nothing else has a reason");
            foreach (var value in input.Slice(offset, length))
            {
                body = (body * 31) + value + 1;
            }

            position += consumed;
            if (status is ChunkStatus.End or ChunkStatus.Invalid || (status == ChunkStatus.NeedMore && end == data.Length))
            {
                return (status, reason, body, status == ChunkStatus.End ? data.Length - position : 0);
            }

            Promise(status == ChunkStatus.Data || position == end, "asks for more before it has used what there is");
        }
    }
}

/// <summary>URLs, and references in redirects.</summary>
internal sealed class UrlTarget : Target
{
    private readonly HttpUrl _url = new(), _again = new(), _base = new();

    public UrlTarget() => Promise(_base.TryParse("https://user@a.test:81/b/c?d"u8, out _), "the base");

    public override string Name => "url";

    public override bool Judge(ReadOnlySpan<byte> data, int cut)
    {
        var accepted = _url.TryParse(data, out var reason);
        if (accepted)
        {
            Check(_url);
        }

        var resolved = _again.TryResolve(_base, data, out var why);
        if (resolved)
        {
            Check(_again);
        }

        Promise(accepted == reason is null && resolved == why is null, "a refusal and nothing else has a reason");
        return accepted;
    }

    private static void Check(HttpUrl url)
    {
        Promise(url.Port is > 0 and <= 65535 && url.PathAndQuery[0] == '/', "port and path");
        Promise(!url.Text.ContainsAnyExceptInRange((byte)0x21, (byte)0x7E), "visible ASCII only: nothing in a URL ends the line of a request");
        if (url.Text.Length > HttpUrl.MaxLength)
        {
            // The limit is for what was given; percent-encoding may have made it longer.
            return;
        }

        var again = new HttpUrl();
        Promise(again.TryParse(url.Text, out var reason), $"its own text is refused: {reason}");
        Promise(again.Text.SequenceEqual(url.Text) && again.Port == url.Port && again.Host.SequenceEqual(url.Host), "normal already");
    }
}

/// <summary>Lines of a list that are JSON objects, and URL patterns.</summary>
internal sealed class ListLineTarget : Target
{
    private readonly UrlItem _item = new();

    public override string Name => "list";

    public override bool Judge(ReadOnlySpan<byte> data, int cut)
    {
        _item.Options = null;
        _item.Problem = null;
        _item.Text.Set(data);
        JsonUrlLine.Read(_item);
        if (_item.Problem is null)
        {
            foreach (var header in _item.Options?.Headers ?? [])
            {
                Promise(!$"{header.Name}:{header.Value}".AsSpan().ContainsAny('\r', '\n', '\0'), "nothing in a header ends its line");
            }

            Expand(_item.Text.ToString());
        }

        return _item.Problem is null;
    }

    private static void Expand(string url)
    {
        try
        {
            var glob = UrlGlob.Parse(url);
            var text = new byte[glob.MaxLength];
            Promise(glob.Write(0, text) <= text.Length && glob.Write(glob.Count - 1, text) <= text.Length, "longer than announced");
        }
        catch (FormatException)
        {
            // No pattern.
        }
    }
}

/// <summary>Lines of a journal.</summary>
internal sealed class JournalLineTarget : Target
{
    private readonly FetchResult _result = new();

    public override string Name => "journal";

    public override bool Judge(ReadOnlySpan<byte> data, int cut)
    {
        var fetched = JournalLine.TryRead(data, _result);
        Promise(fetched is null || _result.Index >= 0, "an index");
        return fetched is not null;
    }
}
