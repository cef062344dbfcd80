using System.Diagnostics;
using Fetcher.Core.Exchange;
using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;
using Fetcher.Core.Loop;
using Fetcher.Core.Loop.Watching;
using Fetcher.Core.Saving;
using Fetcher.Core.Work.Journals;

namespace Fetcher.Core.Fetch;

/// <summary>
/// All that one URL under way needs, from its line in the list to its result. A slot owns one and uses it for one URL after the other, so that a list of
/// any length needs no memory per URL. What a request or an attempt came to does not stand here: it is a <see cref="Reply"/>, an <see cref="Attempt"/>.
/// </summary>
internal sealed class Transfer(FetchOptions options, BodyFile? file = null, IBodyTarget? target = null, RobotsText? text = null)
{
    private readonly EarlierResult? _earlier = options.RevalidatePath is null ? null : new EarlierResult();
    private HttpUrl? _redirected;
    private bool _isRedirected;

    // Writes its requests when they have fields of their own; null for the run's.
    private RequestWriter? _ownWriter;

    // Whether the requests of the transfer begin at an origin that may be sent credentials.
    private bool _beginsAtFirstOrigin;

    /// <summary>The line of the list.</summary>
    public UrlItem Item { get; private set; } = new();

    public FetchResult Result { get; private set; } = NewResult(options);

    /// <summary>The URL of the list.</summary>
    public HttpUrl Url { get; } = new();

    /// <summary>The URL that is asked for now: that of the list, or where a redirect led.</summary>
    public HttpUrl Current => _isRedirected ? _redirected! : Url;

    /// <summary>What happens to the body.</summary>
    public BodyReceiver Body { get; } = new(options, file, target) { Text = text };

    /// <summary>The hosts that are asked over https alone, or null.</summary>
    public HstsList? Hsts { get; init; }

    /// <summary>What the scheduler of the hosts keeps of it.</summary>
    public HostPlace Place { get; } = new();

    /// <summary>Its requests, once one has been made; see <see cref="RoundTrip"/>.</summary>
    public LoopCalls<Reply>? RoundTrips { get; set; }

    /// <summary>What happened while its last request was made.</summary>
    public ExchangeFacts Facts { get; } = new();

    /// <summary>Watches it, in a watched run; else null.</summary>
    public TransferWatch? Watch { get; init; }

    /// <summary>When the transfer was due, in nanoseconds of the run's clock.</summary>
    public long StartedAt { get; private set; }

    /// <summary>When it has to be over, in nanoseconds of the run's clock.</summary>
    public long Deadline { get; private set; }

    /// <summary>When the last request was sent, or else the transfer began, in nanoseconds of the run's clock.</summary>
    public long SentAt => StartedAt + Result.TimePreTransfer;

    /// <summary>Whether the request goes to the origin that the user named, and may carry credentials.</summary>
    public bool IsFirstOrigin { get; private set; }

    /// <summary>Whether content codings are undone.</summary>
    public bool Decodes => options.Compressed;

    /// <summary>Whether a response may send us on to another URL.</summary>
    public bool FollowsRedirects => options.FollowRedirects;

    /// <summary>Whether only the header section is asked for.</summary>
    public bool IsHead { get; private set; }

    /// <summary>Requests made for the URL so far, with redirects and further attempts.</summary>
    public int Requests { get; private set; }

    /// <summary>The trace that the requests are part of, when <see cref="FetchResult.TraceId"/> has it.</summary>
    public ActivityTraceId Trace { get; set; }

    /// <summary>The lines that say which trace the next request is part of; null for none.</summary>
    public byte[]? TraceLines { get; set; }

    /// <summary>Takes another line in place of the one that it had.</summary>
    public void Replace(UrlItem item) => Item = item;

    /// <summary>Gives away the line and its result, for others that the next URL fills in.</summary>
    /// <param name="item">A line that nobody needs any more; null for a new one.</param>
    /// <param name="result">A result, likewise.</param>
    public FinishedUrl Exchange(UrlItem? item, FetchResult? result)
    {
        var finished = new FinishedUrl(Item, Result);
        (Item, Result) = (item ?? new UrlItem(), result ?? NewResult(options));
        return finished;
    }

    /// <summary>Takes over what the list says of this URL alone.</summary>
    /// <param name="dueAt">When the transfer was due, in nanoseconds of the run's clock.</param>
    /// <param name="deadline">When it has to be over, likewise.</param>
    public void Begin(long dueAt, long deadline)
    {
        var own = Item.Options;
        (StartedAt, Deadline) = (dueAt, deadline);
        Requests = 0;
        TraceLines = null;
        _beginsAtFirstOrigin = true;
        _earlier?.Forget();
        IsHead = own is { Method: FetchMethod.Head };
        Kept.Set(ref _ownWriter, own is null or { Headers: [], RemovedHeaders: [] } ? null : WriterOf(own));
        Body.Saves = !IsHead;
        Body.Hashes = options.Sha256 || own?.Sha256 is not null;
        Result.Id = own?.Id;
        Result.Method = own?.Method ?? FetchMethod.Get;
    }

    /// <summary>Readies it for what another needs from the origin that it is about to ask.</summary>
    /// <param name="other">Whose deadline and credentials it has, too.</param>
    /// <param name="path">What is needed.</param>
    /// <param name="writer">Writes the request.</param>
    public void BeginFor(Transfer other, ReadOnlySpan<byte> path, RequestWriter writer)
    {
        (StartedAt, Deadline, _beginsAtFirstOrigin) = (other.StartedAt, other.Deadline, other.IsFirstOrigin);
        Result.Reset();
        Url.TryResolve(other.Current, path, out _);
        _ownWriter = writer;
    }

    /// <summary>Readies it for the first request of an attempt.</summary>
    public void BeginRequests()
    {
        _isRedirected = false;
        IsFirstOrigin = _beginsAtFirstOrigin;
    }

    /// <summary>Readies it for a request.</summary>
    public void BeginRequest()
    {
        Body.Begin();
        Result.FinalUrl.Set(Current.Text);
    }

    /// <summary>Makes where a redirect leads the URL that is asked for next.</summary>
    /// <param name="location">The Location field.</param>
    /// <param name="reason">Why it cannot be followed.</param>
    public bool TryMoveTo(byte[]? location, out string? reason)
    {
        _redirected ??= new HttpUrl();
        if (!_redirected.TryResolve(Current, location, out reason))
        {
            return false;
        }

        _isRedirected = true;
        Hsts?.Upgrade(Current);

        // Once away from the first origin, credentials are not sent again even if a later redirect leads back.
        IsFirstOrigin &= Current.Origin.SequenceEqual(Url.Origin);
        return true;
    }

    /// <summary>The next request.</summary>
    /// <param name="writer">Writes the requests of the run.</param>
    /// <param name="cookies">The cookies of the run, or null when none are kept.</param>
    public RequestHead NextRequest(RequestWriter writer, CookieJar? cookies)
    {
        Requests++;
        writer = _ownWriter ?? writer;
        var range = Body.File?.RangeFields;
        var condition = range is null ? _earlier?.ConditionFor(Current) : null;
        var cookie = cookies is null || (IsFirstOrigin && writer.HasCookie)
            ? null
            : cookies.FieldFor(Current, IsFirstOrigin ? options.Cookie : null);
        var own = range ?? condition;
        var fields = own is null ? cookie : cookie is null ? own : [.. own, .. cookie];
        if (TraceLines is { } trace && !writer.HasTraceParent)
        {
            fields = fields is null ? trace : [.. fields, .. trace];
        }

        var mayGet = (range is not null || writer.AsksForPart ? SpecialAnswers.Part : 0)
            | (condition is not null ? SpecialAnswers.Unchanged : 0)
            | (writer.AsksForChange ? SpecialAnswers.UnchangedForUser : 0);
        return new RequestHead(writer, Current, IsFirstOrigin, fields, IsHead, mayGet);
    }

    /// <summary>Looks up what an earlier run has fetched of the URL.</summary>
    public void FindEarlier(PreviousRun run)
    {
        if (!IsHead)
        {
            _earlier!.Find(run, Result);
        }
    }

    /// <summary>Takes over what the earlier run recorded, since it still holds.</summary>
    public void KeepEarlier() => _earlier!.CopyTo(Result);

    private static FetchResult NewResult(FetchOptions options) =>
        new() { Headers = HeaderFields.For(options), Redirects = options.IncludeHeaders is null ? null : [] };

    /// <summary>Requests with a line's own fields in place of those of the run.</summary>
    private RequestWriter WriterOf(UrlOptions own)
    {
        return new RequestWriter(options with
        {
            Headers = [.. options.Headers.Where(field => !own.Headers.Any(other => Is(other.Name, field.Name)) && !IsRemoved(field.Name)), .. own.Headers],
            RemovedHeaders = [.. options.RemovedHeaders, .. own.RemovedHeaders],
        });

        bool IsRemoved(string name) => own.RemovedHeaders.Any(removed => Is(removed, name));

        static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
    }
}
