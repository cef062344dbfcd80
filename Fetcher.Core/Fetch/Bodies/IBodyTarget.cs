namespace Fetcher.Core.Fetch.Bodies;

/// <summary>
/// Where a transfer's body goes besides its file, seen from its loop. One a slot, used for one body after the other: begin, write and drain, end. A body
/// that never began is ended too.
/// </summary>
internal interface IBodyTarget
{
    /// <summary>Whether <see cref="DrainAsync"/> comes before more is read.</summary>
    bool MustDrain { get; }

    /// <summary>The body of a response with an accepted status comes.</summary>
    /// <param name="result">What is known of its URL by now.</param>
    /// <param name="length">Bytes that are to come, or null when that is not known.</param>
    /// <param name="deadline">When to give up waiting for whoever takes it, in nanoseconds of the run's clock.</param>
    /// <param name="giveUp">Cancelled when nobody wants the body any more.</param>
    void Begin(FetchResult result, long? length, long deadline, CancellationToken giveUp);

    /// <summary>Takes a run of the body; copies it.</summary>
    void Write(ReadOnlySpan<byte> run);

    /// <summary>Waits until there is room for more.</summary>
    /// <exception cref="FetchException">There was none in time.</exception>
    ValueTask DrainAsync();

    /// <summary>Ends the attempt, and waits until the body has been taken in.</summary>
    /// <param name="result">The result of its URL.</param>
    /// <param name="isWhole">Whether the attempt succeeded.</param>
    /// <exception cref="FetchException">It was not taken, or not in time.</exception>
    ValueTask EndAsync(FetchResult result, bool isWhole);
}
