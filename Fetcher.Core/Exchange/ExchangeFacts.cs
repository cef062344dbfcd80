using System.Runtime.CompilerServices;
using Fetcher.Core.Net;

namespace Fetcher.Core.Exchange;

/// <summary>
/// What happened while one request was made, also when it failed: on which connection, and when. One a transfer, begun anew for each request. Moments are
/// nanoseconds of the run's clock, 0 where something has not happened.
/// </summary>
internal sealed class ExchangeFacts
{
    /// <summary>When the steps of the connection were done that was opened for the request.</summary>
    public ConnectTimes Connecting { get; } = new();

    /// <summary>Connections that were made: up to the address that was asked for, or its proxy, whatever came of TLS or the proxy then.</summary>
    public int Connects { get; set; }

    /// <summary>Whether the connection has served others before.</summary>
    public bool IsReused { get; set; }

    /// <summary>Whether others use it at the same time, as in HTTP/2.</summary>
    public bool IsShared { get; set; }

    /// <summary>Whether the connection may have become useless since it served others before, which only its use shows.</summary>
    public bool MayBeStale => IsReused && !IsShared;

    /// <summary>Whether TLS is spoken on it.</summary>
    public bool IsTls { get; private set; }

    /// <summary>The peer's address; null for a Unix socket, and without a connection.</summary>
    public string? RemoteIp { get; private set; }

    public int RemotePort { get; private set; }

    public int LocalPort { get; private set; }

    /// <summary>When the request was about to be sent.</summary>
    public long SentAt { get; set; }

    /// <summary>When the first byte of the response came.</summary>
    public long FirstByteAt { get; set; }

    /// <summary>Forgets the request before.</summary>
    public void Begin()
    {
        Connects = 0;
        BeginAgain();
    }

    /// <summary>Forgets the connection that was of no use: the request is to be made on another.</summary>
    public void BeginAgain()
    {
        Connecting.Clear();
        IsReused = IsShared = false;
        NoteConnection(null, 0, 0, isTls: false);
        SentAt = FirstByteAt = 0;
    }

    /// <summary>Says which connection it is made on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void NoteConnection(string? remoteIp, int remotePort, int localPort, bool isTls) =>
        (RemoteIp, RemotePort, LocalPort, IsTls) = (remoteIp, remotePort, localPort, isTls);

    /// <summary>
    /// Whether a failure may only mean that a connection which had served before is of no use any more: the server closed it, idle, just as we used it (RFC
    /// 9112, section 9.3.1), or what came on it was no answer to this request.
    /// </summary>
    public bool IsStale(Exception e) => MayBeStale && Failures.Of(e) switch
    {
        { Kind: FetchErrorKind.Send or FetchErrorKind.Receive } => FirstByteAt == 0,
        { Kind: FetchErrorKind.Protocol } => e is FetchException,
        _ => false,
    };

    /// <summary>Writes the times of the request down, as curl has them: cumulative from the start of the transfer.</summary>
    /// <param name="result">The transfer's result.</param>
    /// <param name="startedAt">When the transfer was due.</param>
    public void NoteIn(FetchResult result, long startedAt)
    {
        result.NumConnects += Connects;
        if (RemoteIp is not null || RemotePort != 0 || SentAt != 0)
        {
            (result.RemoteIp, result.RemotePort, result.LocalPort) = (RemoteIp, RemotePort, LocalPort);
        }

        result.TimePreTransfer = Since(SentAt);
        result.TimeStartTransfer = Since(FirstByteAt);
        if (IsReused)
        {
            result.TimeBegin = result.TimeNameLookup = result.TimeConnect = result.TimePreTransfer;
            result.TimeAppConnect = IsTls ? result.TimePreTransfer : 0;
        }
        else
        {
            result.TimeBegin = Since(Connecting.Begun);
            result.TimeNameLookup = Since(Connecting.NameLookup);
            result.TimeConnect = Since(Connecting.Connect);
            result.TimeAppConnect = Since(Connecting.AppConnect);
        }

        long Since(long moment) => moment == 0 ? 0 : Math.Max(0, moment - startedAt);
    }
}
