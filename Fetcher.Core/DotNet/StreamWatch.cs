using System.Text;
using Fetcher.Core.Http;

namespace Fetcher.Core.DotNet;

/// <summary>
/// Sees when the client sends a request on an HTTP/2 stream, and when its response begins. The client writes and reads all streams of a connection from loops
/// of its own, but asks how each field is to be encoded, and then says for which request.
/// </summary>
internal sealed class StreamWatch(Http2Connections connections)
{
    /// <summary>The client writes a field of <paramref name="request"/>; every request has a Host.</summary>
    public Encoding OnRequestField(string name, HttpRequestMessage request)
    {
        if (name == "Host" && request.Options.TryGetValue(DotNetCall.Key, out var call) && connections.TryFind(call.Endpoint, out var only))
        {
            call.OnSendingStream(only);
        }

        return Encoding.Latin1;
    }

    /// <summary>The client reads a field of the response to <paramref name="request"/>, on the flow that reads its connection.</summary>
    public Encoding OnResponseField(HttpRequestMessage request)
    {
        if (!request.Options.TryGetValue(DotNetCall.Key, out var call) || !call.IsStream)
        {
            return FieldEncoding.Instance;
        }

        if (call.FirstByteAt == 0)
        {
            call.OnStreamAnswered(DotNetConnection.BeingRead ?? (connections.TryFind(call.Endpoint, out var only) ? only : null));
        }

        // What it throws would end the connection, which is others' too: the field is judged when the whole section is there.
        return Encoding.Latin1;
    }
}
