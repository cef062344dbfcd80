namespace Fetcher.Core;

/// <summary>
/// What became of one URL. Every URL x COUNT ends in exactly one of these. All times are nanoseconds of a monotonic clock; reports print seconds.
/// </summary>
/// <remarks>
/// The object is used again for the next URL: a sink copies or prints what it needs before it returns.
/// The time fields have curl's names and meaning: cumulative from the start of the transfer, of its last request when there were several.
/// </remarks>
internal sealed class FetchResult
{
    /// <summary>Place in the work: URL k of the list in round r has index r x (length of the list) + k.</summary>
    public long Index { get; set; }

    /// <summary>The name that the user gave the URL, or null.</summary>
    public UrlId? Id
    {
        get;
        set => Kept.Set(ref field, value);
    }

    /// <summary>What was asked for.</summary>
    public FetchMethod Method { get; set; }

    /// <summary>The URL as given, without user info.</summary>
    public Utf8Text Url { get; } = new();

    /// <summary>The URL that answered last, after redirects. Empty when no URL could be made of the line.</summary>
    public Utf8Text FinalUrl { get; } = new();

    /// <summary>Name of the mode that fetched it.</summary>
    public string Mode
    {
        get;
        set => Kept.Set(ref field, value);
    } = "";

    /// <summary>Whether the URL was fetched whole with an accepted status.</summary>
    public bool Ok => Error is null;

    /// <summary>Status code of the last response, or 0 without one.</summary>
    public int Status { get; set; }

    /// <summary>"1.1", "1.0", or null without a response.</summary>
    public string? HttpVersion { get; set; }

    /// <summary>Why it failed, or null.</summary>
    public FetchError? Error
    {
        get;
        set => Kept.Set(ref field, value);
    }

    /// <summary>curl's exit code for the same outcome; 0 when ok.</summary>
    public int ExitCode => Error?.ExitCode ?? 0;

    /// <summary>Attempts made, with the first.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether nothing was done because an earlier run had fetched it: its file is there, or the journal has it.</summary>
    public bool Skipped { get; set; }

    /// <summary>Whether there was something to transfer: an earlier run had not fetched it, and a URL could be made of the line.</summary>
    public bool IsTransfer => !Skipped && Error?.Kind != FetchErrorKind.BadUrl;

    /// <summary>Connections opened for it.</summary>
    public int NumConnects { get; set; }

    /// <summary>Redirects followed.</summary>
    public int NumRedirects { get; set; }

    /// <summary>Bytes of the body as sent: after transfer coding, before content coding.</summary>
    public long SizeDownload { get; set; }

    /// <summary>Bytes of the body as the user gets it.</summary>
    public long SizeBody { get; set; }

    /// <summary>The whole body, when bodies are kept in memory; else empty.</summary>
    public ReadOnlyMemory<byte> Body { get; set; }

    /// <summary>SHA-256 of the body as the user gets it, lowercase hex, or null when not asked for.</summary>
    public string? Sha256
    {
        get;
        set => Kept.Set(ref field, value);
    }

    /// <summary>Path of the saved body, or null.</summary>
    public string? SavedAs { get; set; }

    /// <summary>The ETag field of the last response, for the journal; empty when there is none, or no journal.</summary>
    public Utf8Text ETag { get; } = new();

    /// <summary>The Last-Modified field, likewise.</summary>
    public Utf8Text LastModified { get; } = new();

    /// <summary>The Content-Type field, or null.</summary>
    public string? ContentType { get; set; }

    /// <summary>The header section of the last response; null unless asked for.</summary>
    public HeaderFields? Headers { get; set; }

    /// <summary>The redirects that were followed, in order; null unless asked for.</summary>
    public List<RedirectStep>? Redirects { get; set; }

    /// <summary>Address of the peer, or null when none was reached.</summary>
    public string? RemoteIp { get; set; }

    public int RemotePort { get; set; }

    public int LocalPort { get; set; }

    /// <summary>Which event loop or thread fetched it, from 0.</summary>
    public int Loop { get; set; }

    /// <summary>Which worker fetched it, of a run that several machines share; else null.</summary>
    public string? Worker { get; set; }

    /// <summary>Start of the transfer (the moment it was due), from the start of the run.</summary>
    public long Start { get; set; }

    /// <summary>Time it waited, once due, for a free slot.</summary>
    public long TimeQueue { get; set; }

    /// <summary>
    /// Until the last request's own work began: the look-up for its connection, or sending it on one that was kept; 0 when it never did.
    /// </summary>
    public long TimeBegin { get; set; }

    public long TimeNameLookup { get; set; }

    public long TimeConnect { get; set; }

    /// <summary>Until the TLS handshake was done; 0 without TLS.</summary>
    public long TimeAppConnect { get; set; }

    /// <summary>Until the request was about to be sent.</summary>
    public long TimePreTransfer { get; set; }

    /// <summary>Until the first byte of the response.</summary>
    public long TimeStartTransfer { get; set; }

    /// <summary>Until the last byte of the body, or the failure.</summary>
    public long TimeTotal { get; set; }

    /// <summary>
    /// Time in which it could have gone on and waited for its event loop: its bytes had arrived, it could send, its timer was due. 0 unless stalls are
    /// watched (<see cref="FetchOptions.Stalls"/>).
    /// </summary>
    public long ClientStall { get; set; }

    /// <summary>What it waited for longest; null when stalls were not watched, and when it did not wait for a millisecond.</summary>
    public StallBlocker? StallBlocker { get; set; }

    /// <summary>When it waited for its event loop; null unless stalls were watched.</summary>
    public StallSpans? StallSpans { get; set; }

    /// <summary>The trace that its requests are part of, 32 hexadecimal digits; null when there is none.</summary>
    public string? TraceId { get; set; }

    /// <summary>How long it waited for the robots.txt of the origins that it asked, in nanoseconds.</summary>
    public long RobotsTime { get; set; }

    /// <summary>Whether it ended while it waited for a further attempt.</summary>
    public bool EndedInPause { get; set; }

    /// <summary>Readies the object for the next URL.</summary>
    /// <param name="index">Its place in the work.</param>
    /// <param name="mode">What will fetch it.</param>
    /// <param name="loop">Which loop or thread.</param>
    public void Reset(long index = 0, string mode = "", int loop = 0)
    {
        Index = index;
        Id = null;
        Method = FetchMethod.Get;
        Url.Clear();
        FinalUrl.Clear();
        ETag.Clear();
        LastModified.Clear();
        Mode = mode;
        Skipped = EndedInPause = false;
        Error = null;
        SavedAs = null;
        Loop = loop;
        Attempts = NumConnects = 0;
        Start = TimeQueue = TimeTotal = ClientStall = RobotsTime = 0;
        StallBlocker = null;
        StallSpans = null;
        Worker = TraceId = null;
        ResetAttempt();
    }

    /// <summary>Counts an attempt, and forgets what the last one found, so that nothing of it stands beside the outcome of the next.</summary>
    public void BeginAttempt()
    {
        if (Attempts++ > 0)
        {
            ResetAttempt();
        }
    }

    private void ResetAttempt()
    {
        HttpVersion = Sha256 = ContentType = RemoteIp = null;
        Status = NumRedirects = RemotePort = LocalPort = 0;
        SizeDownload = SizeBody = 0;
        Body = default;
        Headers?.Clear();
        Redirects?.Clear();
        TimeBegin = TimeNameLookup = TimeConnect = TimeAppConnect = TimePreTransfer = TimeStartTransfer = 0;
    }
}
