using Fetcher.Core.Loop;

namespace Fetcher.Core.Fetch;

/// <summary>What a request came to.</summary>
internal enum ReplyKind : byte
{
    /// <summary>It was not made: something that stands before it said no, or had no need of it.</summary>
    NotMade,

    /// <summary>It was to be made again, and before it was the time was over, or the run.</summary>
    NotRepeated,

    /// <summary>It failed before the header section of a response was there.</summary>
    NoResponse,

    /// <summary>A response came, and its body could not be received, decoded or taken in.</summary>
    Broken,

    /// <summary>A response that sends us on to another URL.</summary>
    Redirect,

    /// <summary>A response that says that nothing has changed since an earlier run.</summary>
    Unchanged,

    /// <summary>Any other response, whole.</summary>
    Response,
}

/// <summary>What one request came to, as a value: nothing of it can be seen by the next.</summary>
/// <param name="Kind">What it came to.</param>
/// <param name="Status">The response's status code, or 0 without one.</param>
/// <param name="IsAccepted">Whether the response counts as fetched: by its status, or as the answer to a condition of the user's own.</param>
/// <param name="IsReported">Whether the host's circuit has been told.</param>
/// <remarks>
/// Small, since every await on the way copies it: what few replies have is in an object of its own (bench/NOTES.md).
/// </remarks>
internal readonly record struct Reply(ReplyKind Kind, int Status = 0, bool IsAccepted = false, bool IsReported = false)
{
    private readonly Details? _details;

    /// <summary>Why it failed; null when a response came whole.</summary>
    public FetchError? Error
    {
        get => _details?.Error;
        init => _details = (_details ?? Details.None) with { Error = value };
    }

    /// <summary>Where a redirect leads to, or null.</summary>
    public byte[]? Location
    {
        get => _details?.Location;
        init => _details = (_details ?? Details.None) with { Location = value };
    }

    /// <summary>How long the response asks to wait before the next attempt, or null.</summary>
    public TimeSpan? RetryAfter
    {
        get => _details?.RetryAfter;
        init => _details = (_details ?? Details.None) with { RetryAfter = value };
    }

    /// <summary>Whether the host has answered, whatever it says.</summary>
    public bool IsAnswered => Kind >= ReplyKind.Broken;

    /// <summary>The request was not made.</summary>
    /// <param name="why">What stood before it; null when there was no need of it.</param>
    public static Reply NotMade(FetchError? why) => why is null ? new Reply(ReplyKind.NotMade) : new Reply(ReplyKind.NotMade) { Error = why };

    /// <summary>The request was not made again.</summary>
    /// <param name="why">What came before.</param>
    public static Reply NotRepeated(FetchError why) => new(ReplyKind.NotRepeated) { Error = why };

    private sealed record Details(FetchError? Error, byte[]? Location, TimeSpan? RetryAfter)
    {
        public static readonly Details None = new(null, null, null);
    }
}

/// <summary>
/// Asks for <see cref="Transfer.Current"/> once. What stands before the round trip (robots.txt, the host's circuit, telemetry) is a link of a chain, each with
/// the same signature; see <see cref="AskChain"/>. A failure is a reply, never an exception.
/// </summary>
internal delegate LoopTask<Reply> Ask(Transfer transfer);
