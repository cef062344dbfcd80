using Fetcher.Core.Http;
using Fetcher.Core.Saving;

namespace Fetcher.Queue;

/// <summary>
/// Which partition of a job a URL belongs to: by its host's name, so that a host is one worker's at a time, or by the whole URL, when a list has one host.
/// </summary>
/// <remarks>
/// What every machine computes must be the same, so this is a wire format: <see cref="Hash64"/> of the name in lowercase as <see cref="HttpUrl"/> has it, taken
/// as a fraction of 2^64, times the number of partitions. A change needs a new <see cref="JobFacts.NewestFormat"/>.
/// </remarks>
/// <param name="partitions">How many there are, at least 1.</param>
/// <param name="byUrl">Whether the whole URL counts.</param>
internal sealed class HostPartition(int partitions, bool byUrl)
{
    /// <summary>Partitions of a new job: enough for some tens of machines.</summary>
    public const int Usual = 64;

    private readonly HttpUrl _url = new();

    /// <summary>The partition of a URL; a line that is none belongs to one all the same.</summary>
    public int Of(ReadOnlySpan<byte> url)
    {
        var key = _url.TryParse(url, out _) ? byUrl ? _url.Text : _url.Host : url;
        return Of(Hash64.Of(key), partitions);
    }

    /// <summary>The partition that a hash falls into.</summary>
    public static int Of(long hash, int partitions) => (int)Math.BigMul((ulong)hash, (ulong)partitions, out _);
}
