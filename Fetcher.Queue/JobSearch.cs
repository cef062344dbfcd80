using System.Globalization;
using Fetcher.Core;

namespace Fetcher.Queue;

/// <summary>Finds a job, and sees whether this program can read it.</summary>
internal static class JobSearch
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(200);

    /// <summary>Checks that a job is one that this program can read.</summary>
    /// <param name="facts">The job.</param>
    /// <param name="name">How it is called.</param>
    /// <exception cref="FetchSetupException">It is of a newer format.</exception>
    public static JobFacts Check(JobFacts facts, object name) => facts.Format <= JobFacts.NewestFormat
        ? facts
        : throw new FetchSetupException(
            $"the job {name} is of format {facts.Format}, and this fetcher knows {JobFacts.NewestFormat}: it was made by a newer one ({facts.Version})");

    /// <summary>Waits for a job, should a worker be there before it.</summary>
    /// <param name="store">Where it is to be.</param>
    /// <param name="name">How it is called.</param>
    /// <param name="most">How long to wait.</param>
    /// <param name="warn">Told once that it is waited for.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="FetchSetupException">It is of a newer format.</exception>
    /// <exception cref="IOException">It does not come, or the store is lost.</exception>
    public static async Task<JobFacts> WaitAsync(ILeaseStore store, object name, TimeSpan most, Action<string> warn, CancellationToken stop)
    {
        var patience = new Patience(most, TimeProvider.System, warn);
        for (var waited = TimeSpan.Zero; ; waited += Poll)
        {
            if (await patience.AskAsync(store.ReadAsync, stop).ConfigureAwait(false) is { } state)
            {
                return Check(state.Facts, name);
            }

            if (waited == TimeSpan.Zero)
            {
                warn(string.Create(CultureInfo.InvariantCulture, $"there is no job {name} yet; waiting for it, {most.TotalSeconds:0.###} s at most"));
            }
            else if (waited >= most)
            {
                throw new IOException($"there is no job {name}");
            }

            await Task.Delay(Poll, stop).ConfigureAwait(false);
        }
    }
}
