using Microsoft.AspNetCore.Http;

namespace Fetcher.Lab;

/// <summary>At which rate an answer is sent: by its connection's kernel in HTTP/1.1, by its own stream in HTTP/2.</summary>
internal static class LabPace
{
    /// <summary>Limits what is sent from now on for <paramref name="context"/>, whose answer has not begun.</summary>
    /// <param name="context">The request.</param>
    /// <param name="bytesPerSecond">The rate; 0 is no limit.</param>
    public static void Set(HttpContext context, long bytesPerSecond)
    {
        if (!HttpProtocol.IsHttp2(context.Request.Protocol))
        {
            PacedConnection.Of(context).SetRate(bytesPerSecond);
        }
        else if (bytesPerSecond > 0)
        {
            PacedStream.Install(context, bytesPerSecond);
        }
    }
}
