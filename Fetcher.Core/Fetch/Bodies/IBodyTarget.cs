using Fetcher.Core.Http;

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
    void Begin(Transfer transfer, ResponseHead head);

    /// <summary>Takes a run of the body; copies it.</summary>
    void Write(ReadOnlySpan<byte> run);

    /// <summary>Waits until there is room for more.</summary>
    /// <exception cref="FetchException">There was none in time.</exception>
    ValueTask DrainAsync();

    /// <summary>Ends the attempt, and waits until the body has been taken in.</summary>
    /// <param name="transfer">Whose it was.</param>
    /// <param name="isWhole">Whether the attempt succeeded.</param>
    /// <exception cref="FetchException">It was not taken, or not in time.</exception>
    ValueTask EndAsync(Transfer transfer, bool isWhole);
}
