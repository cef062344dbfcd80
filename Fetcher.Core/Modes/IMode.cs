using Fetcher.Core.Fetch;

namespace Fetcher.Core.Modes;

/// <summary>A way of waiting for many transfers: what a run is made of besides its URLs.</summary>
internal interface IMode
{
    /// <summary>Its name on the command line and in reports.</summary>
    string Name { get; }

    /// <summary>Another name it answers to, or null.</summary>
    string? Alias { get; }

    /// <summary>How it waits, in a few words.</summary>
    string Waiting { get; }

    /// <summary>The system call it waits in.</summary>
    string SystemCall { get; }

    /// <summary>What limits it.</summary>
    string Limit { get; }

    /// <summary>Why it cannot run on this machine, or not with these options, in one sentence; null when it can.</summary>
    string? WhyNot(FetchOptions options);

    /// <summary>Fetches everything; ends when every URL that was taken from the list has its result.</summary>
    Task RunAsync(FetchJob job);
}
