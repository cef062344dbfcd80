using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>A way of waiting for many transfers: what a run is made of besides its URLs.</summary>
/// <param name="Name">Its name on the command line and in reports.</param>
/// <param name="Alias">Another name it answers to, or null.</param>
/// <param name="Waiting">How it waits, in a few words.</param>
/// <param name="SystemCall">The system call it waits in.</param>
/// <param name="Limit">What limits it.</param>
/// <param name="WhyNot">Why it cannot run on this machine, or not with these options, in one sentence; null when it can.</param>
/// <param name="Plan">What its transfers run on.</param>
internal sealed record Mode(
    string Name, string? Alias, string Waiting, string SystemCall, string Limit, Func<FetchOptions, string?> WhyNot, IModePlan Plan)
{
    /// <summary>Fetches everything; ends when every URL that was taken from the list has its result.</summary>
    public Task RunAsync(FetchJob job) => Plan.RunAsync(Name, job);
}

/// <summary>What the transfers of a mode run on.</summary>
internal interface IModePlan
{
    /// <summary>Fetches everything; ends when every URL that was taken from the list has its result.</summary>
    /// <param name="mode">The mode's name, which the results carry.</param>
    /// <param name="job">What to fetch.</param>
    Task RunAsync(string mode, FetchJob job);
}
