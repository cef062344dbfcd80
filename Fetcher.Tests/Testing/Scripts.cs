using System.Text;

namespace Fetcher.Tests.Testing;

/// <summary>Scripts and responses that many tests need.</summary>
internal static class Scripts
{
    /// <summary>A complete response with a Content-Length.</summary>
    public static string Ok(string body = "hello", string fields = "") => Response("200 OK", body, fields);

    public static string Response(string status, string body = "", string fields = "") =>
        $"HTTP/1.1 {status}\r\nContent-Length: {body.Length}\r\n{fields}\r\n{body}";

    /// <summary>A complete response whose body is bytes.</summary>
    public static byte[] Ok(byte[] body, string fields = "") =>
        [.. Encoding.Latin1.GetBytes($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n{fields}\r\n"), .. body];

    /// <summary>A complete response in chunked coding, a chunk for each string.</summary>
    public static string Chunked(params string[] chunks) =>
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        + string.Concat(chunks.Append("").Select(chunk => $"{chunk.Length:x}\r\n{chunk}\r\n"));

    /// <summary>Answers one request after the other, the last response again and again, until the client closes.</summary>
    public static Func<ScriptedConnection, Task> Answer(params string[] responses) =>
        Answer([.. responses.Select(Encoding.Latin1.GetBytes)]);

    /// <inheritdoc cref="Answer(string[])"/>
    public static Func<ScriptedConnection, Task> Answer(params byte[][] responses) => async connection =>
    {
        for (var i = 0; await connection.ReadRequestAsync() is not null; i++)
        {
            await connection.SendAsync(responses[Math.Min(i, responses.Length - 1)]);
        }
    };

    /// <summary>Answers one request after the other and closes after the last response.</summary>
    public static Func<ScriptedConnection, Task> AnswerAndClose(params string[] responses) => async connection =>
    {
        foreach (var response in responses)
        {
            await connection.ReadRequestAsync();
            await connection.SendAsync(response);
        }
    };

    /// <summary>Answers by the path that is asked for.</summary>
    public static Func<ScriptedConnection, Task> AnswerByPath(Func<string, string> response) => async connection =>
    {
        while (await connection.ReadRequestAsync() is { } request)
        {
            await connection.SendAsync(response(request.Split(' ')[1]));
        }
    };

    /// <summary>Reads one request, sends <paramref name="beginning"/>, and then nothing more.</summary>
    public static Func<ScriptedConnection, Task> FallSilent(string beginning = "") => async connection =>
    {
        await connection.ReadRequestAsync();
        await connection.SendAsync(beginning);
        await connection.HoldAsync();
    };
}
