using Fetcher.Core;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Fuzz;

/// <summary>What a server of HTTP/2 sends behind its SETTINGS, while three streams are open.</summary>
internal sealed class Http2Target : Target
{
    private static readonly byte[] Settings = [0, 0, 0, 4, 0, 0, 0, 0, 0];

    private readonly RequestWriter _writer = new(new FetchOptions());
    private readonly HttpUrl _url = new();

    public Http2Target() => Promise(_url.TryParse("http://a.test/b"u8, out _), "the URL");

    public override string Name => "http2";

    public override bool Judge(ReadOnlySpan<byte> data, int cut)
    {
        byte[] all = [.. Settings, .. data];
        var (whole, inTwo) = (Receive(all, all.Length), Receive(all, Settings.Length + cut));
        Promise(inTwo == whole, $"cut at {cut}: {inTwo} and not {whole}");
        return whole.Failure is null;
    }

    private (string? Failure, ulong Seen, int Open) Receive(byte[] data, int cut)
    {
        var session = new Http2Session(new Http2Limits { FirstStreams = 3 }, now: 0);
        for (var i = 0; i < 3; i++)
        {
            session.Open(new Http2Stream(), _writer, _url, isFirstOrigin: true, more: null, isHead: i == 2);
        }

        var seen = 0UL;
        foreach (var piece in (ReadOnlyMemory<byte>[])[data.AsMemory(0, cut), data.AsMemory(cut)])
        {
            var read = 0;
            while (session.Receive(piece, ref read, now: 0) is { Kind: not Http2EventKind.None } found)
            {
                if (found.Kind != Http2EventKind.Data)
                {
                    seen = (seen * 31) + (ulong)found.Kind;
                }

                foreach (var value in found.Data.Span)
                {
                    seen = (seen * 31) + value + 256;
                }

                if (found.Stream is { } stream)
                {
                    session.Release(stream, found.Data.Length);
                }
            }

            Promise(session.Failure is not null || read == piece.Length, "asks for more before it has used what there is");
        }

        Promise(session.Output.Length < 64 * 1024 && session.WindowLeft >= 0, "bounds");
        return (session.Failure?.Reason, seen, session.Streams);
    }
}
