using Fetcher.Core.Fetch.Bodies;
using Fetcher.Core.Hosts;
using Fetcher.Core.Http;
using Fetcher.Core.Http.Cookies;
using Fetcher.Core.Net;
using Fetcher.Core.Saving;

namespace Fetcher.Core.Fetch;

/// <summary>
/// All that one URL under way needs, from its line in the list to its result. A slot owns one and uses it for one URL after the other, so that a list of
/// any length needs no memory per URL.
/// </summary>
internal sealed class Transfer(FetchOptions options, BodyFile? file = null, IBodyTarget? target = null, BodyText? text = null)
{
    private FetchResult? _recorded;
    private bool _hasRecorded;
    private bool _asksForPart;
    private bool _asksForChange;

    /// <summary>The line of the list.</summary>
    public UrlItem Item { get; private set; } = new();

    public FetchResult Result { get; } = new();

    /// <summary>The URL of the list.</summary>
    public HttpUrl Url { get; } = new();

    /// <summary>The URL that is asked for now: that of the list, or where a redirect led.</summary>
    public HttpUrl Current { get; } = new();

    /// <summary>What happens to the body.</summary>
    public BodyReceiver Body { get; } = new(options, file, target) { Text = text };

    /// <summary>When the steps of the last connection were done.</summary>
    public ConnectTimes ConnectTimes { get; } = new();

    /// <summary>When the transfer was due, in nanoseconds of the run's clock.</summary>
    public long StartedAt { get; set; }

    /// <summary>When it has to be over, in nanoseconds of the run's clock.</summary>
    public long Deadline { get; set; }

    /// <summary>Whether the request goes to the origin that the user named, and may carry credentials.</summary>
    public bool IsFirstOrigin { get; set; }

    /// <summary>Whether content codings are undone.</summary>
    public bool Decodes => options.Compressed;

    /// <summary>Whether only the header section is asked for.</summary>
    public bool IsHead { get; private set; }

    /// <summary>Writes its requests when they have fields of their own; null for the run's.</summary>
    public RequestWriter? Requests { get; private set; }

    /// <summary>Whether the last request got a response, whatever it says.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>Whether the last request was counted by its host's circuit already.</summary>
    public bool PassedCircuit { get; set; }

    /// <summary>Whether the last request was not made, because its host's circuit is open.</summary>
    public bool IsRefused { get; set; }

    /// <summary>Whether it was not made, because a robots.txt does not allow it.</summary>
    public bool IsDisallowed { get; set; }

    /// <summary>What this is fetched for, or null: for itself.</summary>
    public Transfer? For { get; private set; }

    /// <summary>When the last request was sent, or else the transfer began, in nanoseconds of the run's clock.</summary>
    public long SentAt => StartedAt + Result.TimePreTransfer;

    /// <summary>What the scheduler of the hosts keeps of it.</summary>
    public HostPlace Place { get; } = new();

    /// <summary>The host asked to wait, and the scheduler sees to that it is left alone.</summary>
    public bool IsHeld { get; set; }

    /// <summary>The host asked to wait, and has served others since it last did: the wait uses up no retry.</summary>
    public bool IsPutOff { get; set; }

    /// <summary>Whether the last request asked for what has changed since an earlier run.</summary>
    public bool IsConditional { get; private set; }

    /// <summary>Whether it has not.</summary>
    public bool IsUnchanged { get; private set; }

    /// <summary>Whether the last response counts as fetched: by its status, or as the answer to a condition of the user's own.</summary>
    public bool IsAccepted => options.AcceptStatus.Contains(Result.Status) || (Result.Status == 304 && _asksForChange);

    /// <summary>Where the last response redirects to, or null.</summary>
    public byte[]? Location { get; set; }

    /// <summary>Requests made for the URL so far, with redirects and further attempts. Counted while somebody watches.</summary>
    public int RequestsWatched { get; set; }

    /// <summary>How long the last response asks to wait before the next attempt, or null.</summary>
    public TimeSpan? RetryAfter { get; set; }

    /// <summary>Takes another line in place of the one that it had.</summary>
    public void Replace(UrlItem item) => Item = item;

    /// <summary>Takes over what the list says of this URL alone.</summary>
    public void Begin()
    {
        var own = Item.Options;
        IsUnchanged = _hasRecorded = false;
        IsHead = own is { Method: FetchMethod.Head };
        Requests = own is null or { Headers: [], RemovedHeaders: [] } ? null : OwnRequests(own);
        Body.Saves = !IsHead;
        Result.Id = own?.Id;
        Result.Method = own?.Method ?? FetchMethod.Get;
    }

    /// <summary>Readies it for what another needs from the origin that it is about to ask.</summary>
    /// <param name="other">Whose deadline and credentials it has, too.</param>
    /// <param name="path">What is needed.</param>
    public void BeginFor(Transfer other, ReadOnlySpan<byte> path)
    {
        For = other;
        (StartedAt, Deadline) = (other.StartedAt, other.Deadline);
        Result.Reset();
        Url.TryResolve(other.Current, path, out _);
        Location = null;
        RetryAfter = null;
    }

    /// <summary>The fields of the next request that are its own, each with its line end, or null.</summary>
    /// <param name="requests">What writes it.</param>
    /// <param name="cookies">The cookies of the run, or null when none are kept.</param>
    public byte[]? FieldsFor(RequestWriter requests, CookieJar? cookies)
    {
        var own = Body.File?.RangeFields ?? ConditionOf();
        IsConditional = own is not null && Body.File?.RangeFields is null;
        _asksForPart = requests.AsksForPart || Body.File?.RangeFields is not null;
        _asksForChange = requests.AsksForChange;
        var cookie = cookies is null || (IsFirstOrigin && requests.HasCookie)
            ? null
            : cookies.FieldFor(Current, IsFirstOrigin ? options.Cookie : null);
        return own is null ? cookie : cookie is null ? own : [.. own, .. cookie];
    }

    /// <summary>Looks up what an earlier run has fetched of the URL.</summary>
    public void FindPrevious(PreviousRun run)
    {
        _recorded ??= new FetchResult();
        _hasRecorded = !IsHead && run.TryFind(Result.Url.Span, _recorded);
    }

    /// <summary>Takes over what the earlier run recorded, since it still holds.</summary>
    public void KeepRecorded()
    {
        Result.Sha256 = _recorded!.Sha256;
        Result.SavedAs = _recorded.SavedAs;
        Result.ContentType ??= _recorded.ContentType;
        if (Result.ETag.Length + Result.LastModified.Length == 0)
        {
            Result.ETag.Set(_recorded.ETag.Span);
            Result.LastModified.Set(_recorded.LastModified.Span);
        }
    }

    /// <summary>Asks for what has changed since the earlier run; null for another URL than the one that answered then.</summary>
    private byte[]? ConditionOf()
    {
        if (!_hasRecorded || !Current.Text.SequenceEqual(_recorded!.FinalUrl.Span))
        {
            return null;
        }

        return (_recorded.ETag.Length, _recorded.LastModified.Length) switch
        {
            (0, _) => [.. "If-Modified-Since: "u8, .. _recorded.LastModified.Span, .. "\r\n"u8],
            (_, 0) => [.. "If-None-Match: "u8, .. _recorded.ETag.Span, .. "\r\n"u8],
            _ => [.. "If-None-Match: "u8, .. _recorded.ETag.Span, .. "\r\nIf-Modified-Since: "u8, .. _recorded.LastModified.Span, .. "\r\n"u8],
        };
    }

    /// <summary>Takes over what a response's header section says.</summary>
    /// <param name="head">The header section.</param>
    /// <param name="contentTypes">Strings for the values that come again and again.</param>
    /// <param name="clock">What a Retry-After date is compared with.</param>
    /// <exception cref="FetchException">It brings a part of the body that nobody asked for.</exception>
    public void Note(ResponseHead head, StringCache contentTypes, TimeProvider clock)
    {
        IsAnswered = true;
        Result.Status = head.Status;
        Result.HttpVersion = head.MinorVersion == 1 ? "1.1" : "1.0";
        Result.ContentType = contentTypes.Get(head.ContentType);
        if (options.JournalPath is not null)
        {
            Result.ETag.Set(head.ETag);
            Result.LastModified.Set(head.LastModified);
        }

        if (head.Status == 206 && !_asksForPart && !ContentRange.IsWhole(head.ContentRange))
        {
            // RFC 9110, section 15.3.7: what was asked for is the whole.
            throw Failures.PartUnasked.Of().Thrown();
        }

        IsUnchanged = head.Status == 304 && IsConditional;
        RetryAfter = head.Status >= 300 ? Http.RetryAfter.Parse(head.RetryAfter, clock.GetUtcNow()) : null;
        Location = options.FollowRedirects && IsRedirect(head.Status) && !head.Location.IsEmpty ? head.Location.ToArray() : null;
        if (Body.Target is { } target && Location is null && !IsHead && IsAccepted)
        {
            target.Begin(this, head);
        }
    }

    /// <summary>Requests with a line's own fields in place of those of the run.</summary>
    private RequestWriter OwnRequests(UrlOptions own)
    {
        return new RequestWriter(options with
        {
            Headers = [.. options.Headers.Where(field => !own.Headers.Any(other => Is(other.Name, field.Name)) && !IsRemoved(field.Name)), .. own.Headers],
            RemovedHeaders = [.. options.RemovedHeaders, .. own.RemovedHeaders],
        });

        bool IsRemoved(string name) => own.RemovedHeaders.Any(removed => Is(removed, name));

        static bool Is(string name, string other) => name.Equals(other, StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>
    /// Whether <paramref name="status"/> with a Location sends us on to another URL (RFC 9110, section 15.4): all of the class, as in curl, but 304, which
    /// says that nothing is new, 305, which would choose a proxy for us, and 306, which means nothing any more.
    /// </summary>
    private static bool IsRedirect(int status) => status is >= 300 and <= 399 and not (304 or 305 or 306);
}
