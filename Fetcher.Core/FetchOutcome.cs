namespace Fetcher.Core;

/// <summary>
/// What became of one URL. Times have curl's names and meaning: cumulative from the start of the transfer, of its last request when there were several.
/// </summary>
public sealed record FetchOutcome
{
    internal FetchOutcome(FetchResult result)
    {
        (Index, Id, Method) = (result.Index, result.Id, result.Method);
        (Url, FinalUrl) = (result.Url.ToString(), result.FinalUrl.Length == 0 ? null : result.FinalUrl.ToString());
        (Status, HttpVersion, ContentType, Error) = (result.Status, result.HttpVersion, result.ContentType, result.Error);
        (Attempts, NumConnects, NumRedirects, Skipped) = (result.Attempts, result.NumConnects, result.NumRedirects, result.Skipped);
        (SizeDownload, SizeBody, Sha256, SavedAs, Body) = (result.SizeDownload, result.SizeBody, result.Sha256, result.SavedAs, result.Body);
        (Headers, Redirects) = (result.Headers?.ToList(), result.Redirects is { } redirects ? [.. redirects] : null);
        (RemoteIp, RemotePort, LocalPort, Worker) = (result.RemoteIp, result.RemotePort, result.LocalPort, result.Worker);
        TraceId = result.TraceId;
        ClientStall = Nanoseconds.ToTimeSpan(result.ClientStall);
        StallBlocker = result.StallBlocker is { } blocker ? new FetchStall(blocker.Transfer, blocker.Kind, Nanoseconds.ToTimeSpan(blocker.Cost)) : null;
        Start = Nanoseconds.ToTimeSpan(result.Start);
        TimeQueue = Nanoseconds.ToTimeSpan(result.TimeQueue);
        TimeNameLookup = Nanoseconds.ToTimeSpan(result.TimeNameLookup);
        TimeConnect = Nanoseconds.ToTimeSpan(result.TimeConnect);
        TimeAppConnect = Nanoseconds.ToTimeSpan(result.TimeAppConnect);
        TimePreTransfer = Nanoseconds.ToTimeSpan(result.TimePreTransfer);
        TimeStartTransfer = Nanoseconds.ToTimeSpan(result.TimeStartTransfer);
        TimeTotal = Nanoseconds.ToTimeSpan(result.TimeTotal);
    }

    /// <summary>Place of the URL among those that were given, or of the call among those of <see cref="FetchClient.FetchAsync"/>, from 0.</summary>
    public long Index { get; }

    /// <summary>The name that the URL was given, or null.</summary>
    public UrlId? Id { get; }

    /// <summary>What was asked for.</summary>
    public FetchMethod Method { get; }

    /// <summary>The URL as given, without user info.</summary>
    public string Url { get; }

    /// <summary>The URL that answered last, after redirects; null when what was given is no URL.</summary>
    public string? FinalUrl { get; }

    /// <summary>Whether the URL was fetched whole with an accepted status.</summary>
    public bool Ok => Error is null;

    /// <summary>Why it was not, or null.</summary>
    public FetchError? Error { get; }

    /// <summary>Status code of the last response, or 0 without one.</summary>
    public int Status { get; }

    /// <summary>"2", "1.1", "1.0", or null without a response.</summary>
    public string? HttpVersion { get; }

    /// <summary>The Content-Type field, or null.</summary>
    public string? ContentType { get; }

    /// <summary>
    /// Header fields of the last response, in the order received, repeated ones each time; null unless asked for (<see cref="FetchOptions.IncludeHeaders"/>).
    /// </summary>
    public IReadOnlyList<ResponseHeader>? Headers { get; }

    /// <summary>The redirects that were followed, in order; null unless asked for, likewise.</summary>
    public IReadOnlyList<RedirectStep>? Redirects { get; }

    /// <summary>The whole body, with its content coding undone; empty unless bodies are kept (<see cref="FetchOptions.KeepBodies"/>).</summary>
    public ReadOnlyMemory<byte> Body { get; }

    /// <summary>Path of the saved body, or null.</summary>
    public string? SavedAs { get; }

    /// <summary>Whether nothing was done because the file was there already (<see cref="FetchOptions.SkipExisting"/>).</summary>
    public bool Skipped { get; }

    /// <summary>Bytes of the body as sent: after transfer coding, before content coding.</summary>
    public long SizeDownload { get; }

    /// <summary>Bytes of the body with its content coding undone.</summary>
    public long SizeBody { get; }

    /// <summary>SHA-256 of the body with its content coding undone, lowercase hex, or null when not asked for.</summary>
    public string? Sha256 { get; }

    /// <summary>Attempts made, with the first.</summary>
    public int Attempts { get; }

    /// <summary>Connections opened for it.</summary>
    public int NumConnects { get; }

    /// <summary>Redirects followed.</summary>
    public int NumRedirects { get; }

    /// <summary>Address of the peer, or null when none was reached.</summary>
    public string? RemoteIp { get; }

    /// <summary>Port of the peer, or 0.</summary>
    public int RemotePort { get; }

    /// <summary>Port of this end, or 0.</summary>
    public int LocalPort { get; }

    /// <summary>Which worker of a job that machines share fetched it, or null.</summary>
    public string? Worker { get; }

    /// <summary>The trace that its requests were part of, 32 hexadecimal digits; null unless they were traced (<see cref="FetchOptions.TraceParent"/>).</summary>
    public string? TraceId { get; }

    /// <summary>Start of the transfer (the moment it was due), from the start of the call.</summary>
    public TimeSpan Start { get; }

    /// <summary>Time it waited, once due, for one of the places in flight.</summary>
    public TimeSpan TimeQueue { get; }

    /// <summary>Until the name was resolved.</summary>
    public TimeSpan TimeNameLookup { get; }

    /// <summary>Until the connection was made.</summary>
    public TimeSpan TimeConnect { get; }

    /// <summary>Until the TLS handshake was done; 0 without TLS.</summary>
    public TimeSpan TimeAppConnect { get; }

    /// <summary>Until the request was about to be sent.</summary>
    public TimeSpan TimePreTransfer { get; }

    /// <summary>Until the first byte of the response.</summary>
    public TimeSpan TimeStartTransfer { get; }

    /// <summary>Until the last byte of the body, or the failure.</summary>
    public TimeSpan TimeTotal { get; }

    /// <summary>
    /// Time in which it could have gone on and waited for its event loop: bytes had arrived, it could send, its timer was due. 0 unless watched
    /// (<see cref="FetchOptions.Stalls"/>).
    /// </summary>
    public TimeSpan ClientStall { get; }

    /// <summary>What it waited for longest; null when it did not wait for a millisecond, and unless watched.</summary>
    public FetchStall? StallBlocker { get; }
}
