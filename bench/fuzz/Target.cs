using System.Numerics;
using Fetcher.Core;
using Fetcher.Core.Fetch.Sources;
using Fetcher.Core.Http;
using Fetcher.Core.Saving;

namespace Fetcher.Fuzz;

/// <summary>A parser, and what it promises of every input.</summary>
internal abstract class Target
{
    /// <summary>The name of its corpus.</summary>
    public abstract string Name { get; }

    /// <summary>Gives it an input, in one piece and cut in two at <paramref name="cut"/> where it can be.</summary>
    /// <returns>Whether it was accepted, and a number for the way it was judged, by which inputs are told to be new.</returns>
    /// <exception cref="InvalidDataException">A promise was broken.</exception>
    public abstract (bool Accepted, ulong Behaviour) Judge(ReadOnlySpan<byte> data, int cut);

    protected static void Promise(bool kept, string what)
    {
        if (!kept)
        {
            throw new InvalidDataException(what);
        }
    }

    /// <summary>Which reason it is, whatever it quotes of the input.</summary>
    protected static int Mark(string? reason)
    {
        var (mark, isQuoted) = (reason is null ? 0 : 1, false);
        foreach (var letter in reason ?? "")
        {
            isQuoted ^= letter is '"' or '\'';
            mark = isQuoted || !char.IsAsciiLetter(letter) ? mark : (mark * 31) + letter;
        }

        return mark;
    }

    /// <summary>How many, roughly.</summary>
    protected static int Size(long count) => BitOperations.Log2((ulong)count + 1);

    protected static ulong Number(params ReadOnlySpan<int> of)
    {
        var number = 14695981039346656037UL;
        foreach (var value in of)
        {
            number = (number ^ (uint)value) * 1099511628211UL;
        }

        return number;
    }
}

/// <summary>Header sections of responses.</summary>
internal sealed class HeadTarget : Target
{
    private readonly ResponseHead _whole = new(), _inTwo = new();

    public override string Name => "head";

    public override (bool, ulong) Judge(ReadOnlySpan<byte> data, int cut)
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
            return (false, Number((int)status, Mark(reason), status == ParseStatus.Incomplete ? Size(data.Length) : 0));
        }

        Promise(_whole.Framing == _inTwo.Framing && _whole.ContentLength == _inTwo.ContentLength && _whole.KeepAlive == _inTwo.KeepAlive, "framing");
        Promise(_whole.Framing != BodyFraming.CloseDelimited || !_whole.KeepAlive, "a body that ends with the connection leaves none");
        Promise(_whole.Status is >= 100 and <= 999, "status");
        return (true, Number(
            _whole.Status / 100, _whole.MinorVersion, (int)_whole.Framing, _whole.KeepAlive ? 1 : 0, _whole.ContentCodings.Length, Size(_whole.FieldCount),
            Size(Math.Max(0, _whole.ContentLength)), _whole.Location.IsEmpty ? 0 : 1, _whole.RetryAfter.IsEmpty ? 0 : 1));
    }
}

/// <summary>Bodies in the chunked coding.</summary>
internal sealed class ChunkTarget : Target
{
    public override string Name => "chunks";

    public override (bool, ulong) Judge(ReadOnlySpan<byte> data, int cut)
    {
        var (status, reason, body, length, chunks, left) = Decode(data, data.Length);
        var inTwo = Decode(data, cut);
        Promise(inTwo.Status == status && inTwo.Reason == reason && inTwo.Body == body && inTwo.Left == left, $"cut at {cut}: {inTwo} and not {status} {reason}");
        return (status == ChunkStatus.End, Number((int)status, Mark(reason), Size(length), Size(chunks), left > 0 ? 1 : 0));
    }

    private static (ChunkStatus Status, string? Reason, ulong Body, long Length, int Chunks, int Left) Decode(ReadOnlySpan<byte> data, int cut)
    {
        var decoder = new ChunkedDecoder();
        var (body, total, chunks, position) = (0UL, 0L, 0, 0);
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

            total += length;
            chunks += length > 0 ? 1 : 0;
            position += consumed;
            if (status is ChunkStatus.End or ChunkStatus.Invalid || (status == ChunkStatus.NeedMore && end == data.Length))
            {
                return (status, reason, body, total, chunks, status == ChunkStatus.End ? data.Length - position : 0);
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

    public override (bool, ulong) Judge(ReadOnlySpan<byte> data, int cut)
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
        return (accepted, Number(
            Mark(reason), Mark(why), resolved ? Size(_again.Text.Length) : 0,
            accepted ? Size(_url.Host.Length) : -1, accepted && _url.IsHttps ? 1 : 0, accepted && _url.UserInfo.IsEmpty ? 0 : 1));
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

    public override (bool, ulong) Judge(ReadOnlySpan<byte> data, int cut)
    {
        _item.Options = null;
        _item.Problem = null;
        _item.Text.Set(data);
        JsonUrlLine.Read(_item);
        var count = 0L;
        if (_item.Problem is null)
        {
            foreach (var header in _item.Options?.Headers ?? [])
            {
                Promise($"{header}".AsSpan().IndexOfAny('\r', '\n', '\0') < 0, "nothing in a header ends its line");
            }

            count = Expand(_item.Text.ToString());
        }

        return (_item.Problem is null, Number(Mark(_item.Problem), Size(_item.Options?.Headers.Count ?? 0), Size(_item.Text.Length), Size(count)));
    }

    private static long Expand(string url)
    {
        try
        {
            var glob = UrlGlob.Parse(url);
            var text = new byte[glob.MaxLength];
            Promise(glob.Write(0, text) <= text.Length && glob.Write(glob.Count - 1, text) <= text.Length, "longer than announced");
            return glob.Count;
        }
        catch (FormatException)
        {
            return 0;
        }
    }
}

/// <summary>Lines of a journal.</summary>
internal sealed class JournalLineTarget : Target
{
    private readonly FetchResult _result = new();

    public override string Name => "journal";

    public override (bool, ulong) Judge(ReadOnlySpan<byte> data, int cut)
    {
        var fetched = JournalLine.TryRead(data, _result);
        Promise(fetched is null || _result.Index >= 0, "an index");
        return (fetched is not null, Number(fetched switch { null => 0, false => 1, _ => 2 }, _result.Status / 100, Size(_result.Url.Length), Size(_result.ETag.Length)));
    }
}
