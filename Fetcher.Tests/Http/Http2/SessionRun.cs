using System.Text;
using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Http.Http2;

/// <summary>A client's session with streams open, that is given what a server sends, and says in words what came of it.</summary>
internal sealed class SessionRun
{
    private static readonly RequestWriter Writer = new(new FetchOptions());

    private readonly Http2Stream[] _streams;
    private readonly StringBuilder[] _seen;

    public SessionRun(int streams = 1, Http2Limits? limits = null, bool isHead = false)
    {
        Session = new Http2Session((limits ?? new Http2Limits()) with { FirstStreams = int.MaxValue }, now: 0);
        _streams = [.. Enumerable.Range(0, streams).Select(_ => new Http2Stream())];
        _seen = [.. _streams.Select(_ => new StringBuilder())];
        foreach (var stream in _streams)
        {
            Open(stream, isHead);
        }
    }

    public Http2Session Session { get; }

    /// <summary>Whether data that comes is read at once.</summary>
    public bool Reads { get; init; } = true;

    /// <summary>Now, in nanoseconds.</summary>
    public long Now { get; set; }

    public Http2Stream this[int number] => _streams[number / 2];

    /// <summary>What came of each stream and of the connection.</summary>
    public string Outcome => string.Join("; ", _seen.Select((seen, i) => $"{(2 * i) + 1}:{seen.ToString().Replace("  ", " ", StringComparison.Ordinal)}").Append(Session.Failure is { } failure ? $"{failure.Code}: {failure.Reason}" : "ok"));

    /// <summary>What is to be sent, as frames: their types, streams and what matters of their payload.</summary>
    public List<string> Sent()
    {
        var output = Session.Output.Take().Span;
        var frames = new List<string>();
        var preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8;
        output = output.StartsWith(preface) ? output[preface.Length..] : output;
        while (!output.IsEmpty)
        {
            var header = Http2FrameHeader.Read(output);
            var payload = output.Slice(Http2FrameHeader.Size, header.Length);
            var what = header.Type switch
            {
                Http2FrameType.RstStream or Http2FrameType.GoAway => ((Http2Error)payload[^1]).ToString(),
                Http2FrameType.WindowUpdate => Convert.ToInt32(Convert.ToHexString(payload), 16).ToString(System.Globalization.CultureInfo.InvariantCulture),
                Http2FrameType.Settings or Http2FrameType.Ping => header.Has(Http2Flags.Ack) ? "ack" : "",
                _ => "",
            };
            frames.Add($"{header.Type} {header.Stream} {what}".TrimEnd());
            output = output[(Http2FrameHeader.Size + header.Length)..];
        }

        return frames;
    }

    public void Open(Http2Stream stream, bool isHead = false)
    {
        var url = new HttpUrl();
        url.TryParse("http://server.test/path"u8, out _).ShouldBeTrue();
        Session.Open(stream, Writer, url, isFirstOrigin: true, more: null, isHead);
    }

    /// <summary>Gives the session what a server sends, in pieces of at most so many bytes.</summary>
    public SessionRun Receive(ReadOnlyMemory<byte> data, int most = int.MaxValue)
    {
        for (var start = 0; start < data.Length; start += Math.Min(most, data.Length - start))
        {
            ReceivePiece(data[start..(start + Math.Min(most, data.Length - start))]);
        }

        return this;
    }

    /// <summary>In two pieces.</summary>
    public SessionRun ReceiveCut(ReadOnlyMemory<byte> data, int cut)
    {
        ReceivePiece(data[..cut]);
        ReceivePiece(data[cut..]);
        return this;
    }

    private void ReceivePiece(ReadOnlyMemory<byte> piece)
    {
        // What was received is lent: a session that looked at it later would see this.
        var lent = piece.ToArray();
        var read = 0;
        while (Session.Receive(lent, ref read, Now) is { Kind: not Http2EventKind.None } found)
        {
            Note(found);
        }

        (Session.Failure is not null || read == lent.Length).ShouldBeTrue("all is read");
        lent.AsSpan().Fill(0xDB);
    }

    private void Note(Http2Event found)
    {
        if (found.Kind == Http2EventKind.GoAway)
        {
            while (Session.TakeUnprocessed() is { } unprocessed)
            {
                _seen[unprocessed.Id / 2].Append(" unprocessed");
            }
        }

        if (found.Stream is not { } stream || Array.IndexOf(_streams, stream) is not (>= 0 and var place))
        {
            return;
        }

        var seen = _seen[place];
        switch (found.Kind)
        {
            case Http2EventKind.Interim:
                seen.Append(' ').Append(stream.Head.Status);
                break;

            case Http2EventKind.Head:
                seen.Append(' ').Append(stream.Head.Status).Append(stream.IsEnded ? "" : " ");
                break;

            case Http2EventKind.Data:
                seen.Append(Encoding.ASCII.GetString(found.Data.Span));
                if (Reads)
                {
                    Session.Release(stream, found.Data.Length);
                }

                break;

            default:
                seen.Append($" {found.Kind} {found.Failure!.Code}").Append(found.Kind == Http2EventKind.Broken ? $": {found.Failure.Reason}" : "");
                break;
        }

        if (found.Kind is Http2EventKind.Head or Http2EventKind.Data && stream.IsEnded)
        {
            seen.Append(" whole");
        }
    }
}
