using System.Buffers.Binary;
using Fetcher.Core.Http.Http2;

namespace Fetcher.Tests.Testing;

/// <summary>A server of HTTP/2 that sends bodies as far as the client's windows go, those of earlier streams first.</summary>
internal static class Http2WindowPeer
{
    private static readonly int PrefaceLength = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".Length;

    /// <summary>Answers all requests of a connection at once: the header sections, then the bodies.</summary>
    /// <param name="connection">The connection.</param>
    /// <param name="lengths">How long the bodies are, in the order of the requests.</param>
    /// <param name="frame">The longest frame.</param>
    /// <param name="onFull">Told how much has been sent when the window of the connection lets no more go.</param>
    public static async Task ServeAsync(ScriptedConnection connection, int[] lengths, int frame = Http2Limits.MaxFrameSize, Action<int>? onFull = null)
    {
        var sent = 0;
        await connection.ReadBytesAsync(PrefaceLength);
        await connection.SendAsync(Http2Script.Bytes("settings 3=100"));
        var (forAll, first) = (Http2Limits.DefaultWindow, Http2Limits.DefaultWindow);
        var streams = new SortedDictionary<int, (int Window, int Left)>();
        while (true)
        {
            var header = Http2FrameHeader.Read(await connection.ReadBytesAsync(Http2FrameHeader.Size));
            var payload = await connection.ReadBytesAsync(header.Length);
            switch (header.Type)
            {
                case Http2FrameType.Settings:
                    first = payload.Chunk(6).Where(setting => setting[1] == (int)Http2Setting.InitialWindowSize).Select(setting => Int(setting.AsSpan(2))).LastOrDefault(first);
                    break;

                case Http2FrameType.Headers:
                    streams.Add(header.Stream, (first, lengths[streams.Count]));
                    break;

                case Http2FrameType.WindowUpdate when header.Stream == 0:
                    forAll += Int(payload);
                    break;

                case Http2FrameType.WindowUpdate when streams.TryGetValue(header.Stream, out var stream):
                    streams[header.Stream] = stream with { Window = stream.Window + Int(payload) };
                    break;
            }

            if (streams.Count < lengths.Length)
            {
                continue;
            }

            if (header.Type == Http2FrameType.Headers)
            {
                await connection.SendAsync(Http2Script.Bytes(string.Join('|', streams.Keys.Select(id => $"headers {id} 200"))));
            }

            foreach (var id in streams.Keys.ToArray())
            {
                while (streams[id] is { Left: > 0 } stream && Math.Min(Math.Min(stream.Window, forAll), Math.Min(stream.Left, frame)) is > 0 and var length)
                {
                    await connection.SendAsync(Http2Script.Frame(0, length == stream.Left ? 1 : 0, id, new byte[length]));
                    streams[id] = (stream.Window - length, stream.Left - length);
                    forAll -= length;
                    sent += length;
                }
            }

            if (forAll == 0)
            {
                onFull?.Invoke(sent);
            }
        }
    }

    /// <summary>Sends so many bytes of a body that has no end.</summary>
    public static async Task FillAsync(ScriptedConnection connection, int stream, int length)
    {
        for (; length > 0; length -= Http2Limits.MaxFrameSize)
        {
            await connection.SendAsync(Http2Script.Frame(0, 0, stream, new byte[Math.Min(length, Http2Limits.MaxFrameSize)]));
        }
    }

    private static int Int(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32BigEndian(bytes);
}
