using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>
/// Collects the results of a batch for the store, in the form that the format of the job has: <see cref="ResultRecords"/>, up to format 3
/// <see cref="ResultLines"/>. Used again for another batch. Not safe for several threads.
/// </summary>
internal abstract class ResultPack : IDisposable
{
    /// <summary>An empty one for a job of <paramref name="format"/>.</summary>
    public static ResultPack Of(int format) => format <= ResultLines.NewestFormat ? new ResultLines() : new ResultRecords();

    /// <summary>Reads what <see cref="Pack"/> gave, one result after the other.</summary>
    /// <param name="packed">What it gave.</param>
    /// <param name="into">Takes each result in its turn.</param>
    /// <returns><paramref name="into"/>, once for each result.</returns>
    /// <exception cref="InvalidDataException">These are no results, or they are cut short.</exception>
    public static IEnumerable<FetchResult> Read(ReadOnlyMemory<byte> packed, FetchResult into) =>
        ResultRecords.Are(packed.Span) ? ResultRecords.ReadAll(packed, into) : ResultLines.ReadAll(packed, into);

    /// <summary>Adds a result.</summary>
    public abstract void Add(FetchResult result);

    /// <summary>All results as bytes; valid until the next change.</summary>
    public abstract ReadOnlyMemory<byte> Pack();

    /// <summary>Forgets all results.</summary>
    public abstract void Clear();

    public virtual void Dispose()
    {
    }
}
